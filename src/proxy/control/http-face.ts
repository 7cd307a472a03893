/**
 * A steering over HTTP/1.1 and JSON, for curl and for tests in any language.
 *
 * Every error is JSON too: `{ "error": { "problem", "message", "mistakes": [{ "where", … }] } }`.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Mistake } from '../../base/errors.js';
import { foreignness, type TokenCheck } from './access.js';
import { type Answer, matchRoute, PATHS } from './http-routes.js';
import type { Steering } from './steering.js';
import { SteeringError, type SteeringProblem } from './steering-error.js';

export interface HttpFaceOptions {
  readonly steering: Steering;
  readonly isAllowed: TokenCheck;
  /** Only requests whose `Host` names loopback are answered. */
  readonly checksHost: boolean;
  /** A request that met a bug of ours; it was answered with 500. */
  readonly onBug: (error: unknown) => void;
}

/** A fault is a line or a few. */
export const BODY_BYTES_MAX = 65_536;
/** Who has not sent a whole request by then never will. */
const REQUEST_MS_MAX = 10_000;

const STATUS_OF: Readonly<Record<SteeringProblem, number>> = {
  invalid: 400,
  unknown: 404,
  full: 429,
};

/** It listens nowhere: connections are handed to it as its `connection` event. */
export function createHttpFace(options: HttpFaceOptions): Server {
  const timeouts = { requestTimeout: REQUEST_MS_MAX, headersTimeout: REQUEST_MS_MAX };
  return createServer(timeouts, (request, response) => {
    serve(options, request).then(
      (answer) => send(response, answer),
      (error: unknown) => {
        // Its client is gone.
        if (request.destroyed && !request.complete) return;
        options.onBug(error);
        send(response, failure(500, 'bug', [{ message: 'this is a bug in grpc-squall' }]));
      },
    );
  });
}

async function serve(options: HttpFaceOptions, request: IncomingMessage): Promise<FullAnswer> {
  const { headers, method = '', url = '' } = request;
  const foreign = foreignness(headers, options.checksHost);
  if (foreign !== undefined) return failure(403, 'foreign', [{ message: foreign }]);
  if (!options.isAllowed(headers.authorization)) {
    const hint = 'send "authorization: Bearer TOKEN"';
    const refused = failure(401, 'unauthenticated', [{ message: 'the token is not right', hint }]);
    return { ...refused, headers: { 'www-authenticate': 'Bearer' } };
  }
  const match = matchRoute(method, url);
  if (match.found === 'nothing') {
    const hint = PATHS.join('; ');
    return failure(404, 'unknown', [{ message: `there is nothing at ${url}`, hint }]);
  }
  if (match.found === 'path') {
    const allow = match.methods.join(', ');
    const message = `${url} takes ${allow}, not ${method}`;
    return { ...failure(405, 'method', [{ message }]), headers: { allow } };
  }
  const body = await readBody(request);
  if (body === undefined) {
    const message = `a body has at most ${BODY_BYTES_MAX} octets`;
    // What is left of it is not read.
    return { ...failure(413, 'invalid', [{ message }]), headers: { connection: 'close' } };
  }
  try {
    return match.act(options.steering, body);
  } catch (error) {
    if (!(error instanceof SteeringError)) throw error;
    return failure(STATUS_OF[error.problem], error.problem, error.mistakes);
  }
}

/** Undefined: it is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  // Ended early, it would otherwise take the connection with it, and the answer.
  const body: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > BODY_BYTES_MAX) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

interface FullAnswer extends Answer {
  readonly headers?: Readonly<Record<string, string>>;
}

function failure(status: number, problem: string, mistakes: readonly Mistake[]): FullAnswer {
  const message = mistakes.map(({ message: text }) => text).join('; ');
  return { status, body: { error: { problem, message, mistakes } } };
}

function send(response: ServerResponse, { status, body, location, headers }: FullAnswer): void {
  const text = body === undefined ? '' : `${JSON.stringify(body, undefined, 2)}\n`;
  response.writeHead(status, {
    ...(text !== '' && { 'content-type': 'application/json' }),
    // No browser is to take it for anything else, or to keep it.
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    ...(location !== undefined && { location }),
    ...headers,
  });
  response.end(text);
}
