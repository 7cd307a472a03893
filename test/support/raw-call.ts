/** One gRPC call by hand over node:http2, right or wrong, for what a gRPC client would never send. */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
} from 'node:http2';
import { framedMessage } from '../../src/http2/grpc-message.js';

export interface RawCall {
  readonly path?: string;
  /** Beside the usual ones, or in their place. */
  readonly headers?: Readonly<Record<string, string>>;
  /** DATA in pieces, each of its own turn. */
  readonly body?: readonly Uint8Array[];
  /** Whether the body is ended; yes unless told. */
  readonly isEnded?: boolean;
}

/** How it ended; what did not come is absent. */
export interface RawEnd {
  readonly httpStatus: number | undefined;
  readonly grpcStatus: number | undefined;
  readonly details: string | undefined;
  readonly fields: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Error code of a RST_STREAM. */
  readonly rstCode: number;
  readonly tookMs: number;
}

/** A connection of its own, closed with `using`. */
export function openRaw(address: string): ClientHttp2Session & Disposable {
  const session = connect(`http://${address}`);
  session.on('error', () => {});
  return Object.assign(session, { [Symbol.dispose]: () => session.destroy() });
}

/** A listener of the lobby that reads nothing until it is told to. */
export function openListener(session: ClientHttp2Session): ClientHttp2Stream {
  const listener = session.request({
    ':method': 'POST',
    ':path': '/chat.ChatService/Listen',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  // ListenRequest without a limit.
  listener.end(framedMessage(new Uint8Array(0)));
  return listener;
}

export async function rawCall(session: ClientHttp2Session, call: RawCall): Promise<RawEnd> {
  const startMs = performance.now();
  const stream = session.request(
    {
      ':method': 'POST',
      ':path': call.path ?? '/chat.ChatService/Say',
      'content-type': 'application/grpc',
      te: 'trailers',
      ...call.headers,
    },
    { endStream: false },
  );
  let fields: IncomingHttpHeaders = {};
  const pieces: Buffer[] = [];
  stream.on('response', (headers) => {
    fields = { ...fields, ...headers };
  });
  stream.on('trailers', (trailers) => {
    fields = { ...fields, ...trailers };
  });
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  stream.on('error', () => {});
  const closed = new Promise((resolve) => stream.once('close', resolve));
  // Who waits for the body's end may be answered before it, and sends nothing more then.
  stream.on('end', () => setTimeout(() => stream.close(), 50));
  for (const piece of call.body ?? []) {
    if (!stream.writable) break;
    stream.write(piece);
    await new Promise(setImmediate);
  }
  if (call.isEnded !== false && stream.writable) stream.end();
  await closed;
  const code = fields['grpc-status'];
  const message = fields['grpc-message'];
  return {
    httpStatus: fields[':status'] === undefined ? undefined : Number(fields[':status']),
    grpcStatus: code === undefined ? undefined : Number(code),
    details: message === undefined ? undefined : decodeURIComponent(String(message)),
    fields,
    body: Buffer.concat(pieces),
    rstCode: stream.rstCode ?? 0,
    tookMs: performance.now() - startMs,
  };
}
