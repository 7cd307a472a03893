/** Two ends of a connection joined without sockets, and a handler that writes down what it is told. */
import { Connection } from '../../src/http2/connection.js';
import type { ConnectionHandler, ConnectionOptions } from '../../src/http2/connection-options.js';
import { headerFields } from '../../src/http2/header-field.js';

/** Written-down events, and what to do beyond writing down. */
export interface Recorder extends ConnectionHandler {
  readonly events: string[];
  /** The octets of each stream's body. */
  readonly bodies: { get(streamId: number): Buffer | undefined; values(): Buffer[] };
}

/** A handler that records everything; `also` is called after each record. */
export function createRecorder(also: Partial<ConnectionHandler> = {}): Recorder {
  const events: string[] = [];
  const pieces = new Map<number, Buffer[]>();
  const bodies: Recorder['bodies'] = {
    get: (id) => (pieces.has(id) ? Buffer.concat(pieces.get(id) ?? []) : undefined),
    values: () => Array.from(pieces.values(), (list) => Buffer.concat(list)),
  };
  return {
    events,
    bodies,
    onHeaders(id, block, end, slot) {
      const what = block.kind === 'response' ? `${block.status}` : block.kind;
      events.push(`headers ${id} ${what}${end ? ' end' : ''}`);
      also.onHeaders?.(id, block, end, slot);
    },
    onData(id, bytes, start, stop, end, slot) {
      const piece = Buffer.from(bytes.subarray(start, stop));
      const list = pieces.get(id);
      if (list === undefined) pieces.set(id, [piece]);
      else list.push(piece);
      if (stop > start) events.push(`data ${id} ${stop - start}`);
      if (end) events.push(`data end ${id}`);
      also.onData?.(id, bytes, start, stop, end, slot);
    },
    onReset(id, code, cause, slot) {
      events.push(`reset ${id} ${code} ${cause}`);
      also.onReset?.(id, code, cause, slot);
    },
    onStreamEnd(id, slot) {
      events.push(`over ${id}`);
      also.onStreamEnd?.(id, slot);
    },
    onWritable(id, slot) {
      events.push(`writable ${id}`);
      also.onWritable?.(id, slot);
    },
    onSettings(settings) {
      also.onSettings?.(settings);
    },
    onGoaway(last, code, debug) {
      events.push(`goaway ${last} ${code}`);
      also.onGoaway?.(last, code, debug);
    },
    onIdle() {
      events.push('idle');
      also.onIdle?.();
    },
    onClosed(error) {
      events.push(`closed ${error?.code ?? ''}`.trim());
      also.onClosed?.(error);
    },
  };
}

export interface Pair {
  readonly client: Connection;
  readonly server: Connection;
  readonly clientEvents: Recorder;
  readonly serverEvents: Recorder;
  /** Carries octets to and fro until neither end has any; `pieceBytes` cuts them. */
  pump(pieceBytes?: number): void;
}

export interface PairOptions {
  readonly client?: Partial<ConnectionOptions>;
  readonly server?: Partial<ConnectionOptions>;
  readonly onClient?: Partial<ConnectionHandler>;
  readonly onServer?: Partial<ConnectionHandler>;
}

/** A client and a server that have not exchanged anything yet. */
export function createPair(options: PairOptions = {}): Pair {
  const clientEvents = createRecorder(options.onClient);
  const serverEvents = createRecorder(options.onServer);
  const client = new Connection({ role: 'client', ...options.client }, clientEvents);
  const server = new Connection({ role: 'server', ...options.server }, serverEvents);
  const carry = (from: Connection, to: Connection, pieceBytes: number): boolean => {
    const output = from.takeOutput();
    if (output === undefined) return false;
    for (let at = 0; at < output.length; at += pieceBytes) {
      to.receive(output, at, Math.min(at + pieceBytes, output.length));
    }
    from.recycle(output);
    return true;
  };
  const pump = (pieceBytes = Number.MAX_SAFE_INTEGER) => {
    for (let turn = 0; turn < 100_000; turn++) {
      const moved = carry(client, server, pieceBytes);
      if (!carry(server, client, pieceBytes) && !moved) return;
    }
    throw new Error('the two ends never come to rest');
  };
  return { client, server, clientEvents, serverEvents, pump };
}

/** The header block of a call. */
export const REQUEST = headerFields([
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/chat.ChatService/Say'],
  [':authority', 'localhost'],
  ['content-type', 'application/grpc'],
  ['te', 'trailers'],
]);

export const RESPONSE = headerFields([
  [':status', '200'],
  ['content-type', 'application/grpc'],
]);

export const TRAILERS = headerFields([['grpc-status', '0']]);
