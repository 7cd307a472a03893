/**
 * A tier in the test's hands: a plain HTTP/2 server that writes down what each call's headers say, and
 * answers when and as the test wants.
 */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { framedMessage } from '../../src/http2/grpc-message.js';
import { parseGrpcTimeout } from '../../src/http2/grpc-timeout.js';
import { until } from './until.js';

export interface RecordedCall {
  readonly headers: IncomingHttpHeaders;
  /** From its arrival, in ms; undefined without a deadline. */
  readonly timeoutMs: number | undefined;
  /** Ends it; OK comes with an empty reply. */
  answer(code: number): void;
  /** Settles when its stream is gone: the client's reset code, 0 when it was answered. */
  readonly closed: Promise<number>;
}

export interface RecordingTier extends AsyncDisposable {
  readonly address: string;
  readonly calls: readonly RecordedCall[];
  /** The nth call, from 0, when it has come. */
  call(nth: number): Promise<RecordedCall>;
}

/** @param answer what calls are answered with at once; absent: they wait for the test. */
export async function startRecordingTier(answer?: number): Promise<RecordingTier> {
  const calls: RecordedCall[] = [];
  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => void sessions.add(session));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    stream.resume();
    const call = recorded(stream, headers);
    calls.push(call);
    if (answer !== undefined) call.answer(answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    async call(nth) {
      await until(`call ${nth}`, () => calls.length > nth);
      return calls[nth] as RecordedCall;
    },
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function recorded(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): RecordedCall {
  const timeout = headers['grpc-timeout'];
  const timeoutNs = timeout === undefined ? undefined : parseGrpcTimeout(String(timeout));
  return {
    headers,
    timeoutMs: timeoutNs === undefined ? undefined : timeoutNs / 1e6,
    answer(code) {
      const common = { ':status': 200, 'content-type': 'application/grpc' };
      if (code !== 0) {
        stream.respond({ ...common, 'grpc-status': String(code) }, { endStream: true });
        return;
      }
      stream.respond(common, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(framedMessage(new Uint8Array(0)));
    },
    closed: new Promise((resolve) => stream.once('close', () => resolve(stream.rstCode))),
  };
}
