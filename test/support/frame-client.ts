/**
 * A client that sends whatever frames it is told, right or wrong, and writes down what it is sent. It
 * acknowledges nothing and gives no windows unless the test does.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { CLIENT_PREFACE } from '../../src/http2/frame.js';
import { frame, type SeenFrame, settingsFrame } from './http2-frames.js';

const HEADER_BYTES = 9;
const GOAWAY = 7;

export interface FrameClient extends Disposable {
  readonly socket: Socket;
  /** Frames that came, in order. */
  readonly frames: readonly SeenFrame[];
  /** The error code of the last GOAWAY. */
  readonly goawayCode: number | undefined;
  send(...octets: readonly Uint8Array[]): void;
}

/** What a client begins with; acknowledges the server's SETTINGS before it has seen them. */
export const GREETING = Buffer.concat([CLIENT_PREFACE, settingsFrame(), frame(4, 1, 0)]);

/** @param greeting what is sent first. */
export async function connectFrames(port: number, greeting: Uint8Array): Promise<FrameClient> {
  const socket = connect(port, '127.0.0.1');
  const frames: SeenFrame[] = [];
  let held = Buffer.alloc(0);
  let goawayCode: number | undefined;
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + held.readUIntBE(0, 3);
      if (held.length < end) break;
      const [type, flags, streamId] = [held[3] ?? 0, held[4] ?? 0, held.readUInt32BE(5)];
      const payload = held.subarray(HEADER_BYTES, end);
      if (type === GOAWAY) goawayCode = payload.readUInt32BE(4);
      frames.push({ type, flags, streamId, payload });
      held = held.subarray(end);
    }
  });
  await once(socket, 'connect');
  if (greeting.length > 0) socket.write(greeting);
  return {
    socket,
    frames,
    get goawayCode() {
      return goawayCode;
    },
    send(...octets) {
      if (!socket.destroyed) socket.write(Buffer.concat(octets));
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}
