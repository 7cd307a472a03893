/** One end of a connection whose peer is the test itself, frame by frame. */
import { Connection } from '../../src/http2/connection.js';
import type { ConnectionHandler, ConnectionOptions } from '../../src/http2/connection-options.js';
import { CLIENT_PREFACE } from '../../src/http2/frame.js';
import { frame, inWords, settingsFrame } from './http2-frames.js';
import { createRecorder, REQUEST } from './http2-pair.js';

export interface RawPeer {
  readonly connection: Connection;
  readonly events: string[];
  /** Sends octets. @returns what the connection answers, in words. */
  send(...frames: readonly Uint8Array[]): string[];
}

/** A server after the prefaces and the acknowledgements, at rest. */
export function createRawClient(
  options: Partial<ConnectionOptions> = {},
  also: Partial<ConnectionHandler> = {},
): RawPeer {
  const peer = createRawPeer({ ...options, role: 'server' }, also);
  peer.send(CLIENT_PREFACE, settingsFrame(), frame(4, 1, 0));
  return peer;
}

/** A client after the prefaces and acknowledgements, with `calls` requests sent and not ended. */
export function createRawServer(
  calls: number,
  options: Partial<ConnectionOptions> = {},
  also: Partial<ConnectionHandler> = {},
  settings: readonly (readonly [number, number])[] = [],
): RawPeer {
  const peer = createRawPeer({ ...options, role: 'client' }, also);
  peer.send(settingsFrame(...settings), frame(4, 1, 0));
  for (let call = 0; call < calls; call++) peer.connection.start(REQUEST, false);
  peer.connection.takeOutput();
  return peer;
}

function createRawPeer(options: ConnectionOptions, also: Partial<ConnectionHandler>): RawPeer {
  const recorder = createRecorder(also);
  const connection = new Connection(options, recorder);
  return {
    connection,
    events: recorder.events,
    send(...frames) {
      for (const octets of frames) connection.receive(octets);
      return inWords(connection.takeOutput());
    },
  };
}

/** `:method: POST`, `:scheme: http`, `:path: /`: a whole request in static indices. */
export const REQUEST_BLOCK = '838684';
/** `:status: 200`. */
export const RESPONSE_BLOCK = '88';
/** A field without pseudo-fields: `a: b`, beside the table. */
export const TRAILERS_BLOCK = '0001610162';
