/**
 * Flow control: of a stream whose peer reads and never gives credit, exactly as many octets leave as the
 * smaller of its window and the connection's (RFC 9113, 5.2 and 6.9). The peer counts them itself, on
 * the bare socket. Which window a real server gives is read from its SETTINGS.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { deferred } from '../../src/base/deferred.js';
import { CallTicket } from '../../src/calls/ticket.js';
import { clientSchema } from '../../src/drivers/client-schema.js';
import { createDriver } from '../../src/drivers/create-driver.js';
import type { ClientSpec } from '../../src/drivers/spec.js';
import { CLIENT_PREFACE } from '../../src/http2/frame.js';
import { startFleet } from '../../src/targets/fleet.js';
import { frame, numberFrame, settingsFrame } from '../../test/support/http2-frames.js';
import { judge, type Row } from './row.js';
import type { Truth } from './truth.js';

const DATA = 0;
const SETTINGS = 4;
const PING = 6;
const WINDOW_UPDATE = 8;
const ACK = 1;
const INITIAL_WINDOW_SIZE = 4;
/** RFC 9113, 6.9.2: of every connection, and of every stream unless SETTINGS say otherwise. */
const WINDOW_DEFAULT = 65_535;
const CREDIT = 1_000;
/** More than any window here. */
const OCTETS_OFFERED = 300_000;
const MESSAGE_OCTETS = 10_000;

interface Seen {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

/** Cuts what a socket gives into frames. @param skip octets before the first. */
function frameCutter(skip: number, onFrame: (seen: Seen) => void): (chunk: Buffer) => void {
  let pending = Buffer.alloc(0);
  let toSkip = skip;
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    const skipped = Math.min(toSkip, pending.length);
    toSkip -= skipped;
    pending = pending.subarray(skipped);
    while (pending.length >= 9) {
      const end = 9 + pending.readUIntBE(0, 3);
      if (pending.length < end) return;
      onFrame({
        type: pending.readUInt8(3),
        flags: pending.readUInt8(4),
        streamId: pending.readUInt32BE(5),
        payload: pending.subarray(9, end),
      });
      pending = pending.subarray(end);
    }
  };
}

/** A server that announces a stream window, counts DATA and gives no credit but what it is told to. */
async function startMiser(streamWindow: number) {
  let octets = 0;
  let streamId = 0;
  let send: (octets: Buffer) => void = () => {};
  let ponged = deferred();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    send = (bytes) => void socket.write(bytes);
    send(settingsFrame([INITIAL_WINDOW_SIZE, streamWindow]));
    const cut = frameCutter(CLIENT_PREFACE.length, (seen) => {
      const isAck = (seen.flags & ACK) !== 0;
      if (seen.type === SETTINGS && !isAck) send(frame(SETTINGS, ACK, 0));
      if (seen.type === PING && isAck) ponged.resolve();
      if (seen.type === PING && !isAck) send(frame(PING, ACK, 0, seen.payload));
      if (seen.type !== DATA) return;
      octets += seen.payload.length;
      streamId = seen.streamId;
    });
    socket.on('data', cut);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Octets that came, once no more come: a client that answers pings has sent what it may. */
    async stalledAt(): Promise<number> {
      for (let before = -1, same = 0; same < 5; before = octets) {
        ponged = deferred();
        send(frame(PING, 0, 0, Buffer.alloc(8)));
        await ponged.promise;
        await new Promise((resolve) => setTimeout(resolve, 10));
        same = octets > 0 && octets === before ? same + 1 : 0;
      }
      return octets;
    },
    credit(increment: number) {
      send(numberFrame(WINDOW_UPDATE, 0, increment));
      send(numberFrame(WINDOW_UPDATE, streamId, increment));
    },
    close() {
      server.close();
      // A client may wait for the end of its stream before it closes; there will be none.
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Opens a stream with more to say than fits, and reads where it stalls, then and after some credit. */
async function stalls(driverName: ClientSpec['driver'], streamWindow: number) {
  const miser = await startMiser(streamWindow);
  using driver = createDriver([miser.address], clientSchema.parse({ driver: driverName }));
  try {
    await driver.ready(10_000);
    const owner = {
      now: () => 0,
      zeroNs: 0,
      hedges: false,
      attemptStarted() {},
      attemptEnded() {},
      callEnded() {},
    };
    const ticket = new CallTicket(owner, 0, 0, 0);
    const stream = driver.channels[0]?.stream('/truth/Window', ticket, undefined, {}, () => {});
    for (let sent = 0; sent < OCTETS_OFFERED; sent += MESSAGE_OCTETS) {
      stream?.write(Buffer.alloc(MESSAGE_OCTETS));
    }
    const first = await miser.stalledAt();
    miser.credit(CREDIT);
    return { first, forCredit: (await miser.stalledAt()) - first };
  } finally {
    miser.close();
  }
}

/** The stream window in the SETTINGS of a real backend. */
async function windowOfBackend(): Promise<number> {
  await using fleet = await startFleet({
    specs: [{ name: 'b0', port: 0, server: 'grpc-js' }],
    variant: 'truth',
    seed: 1,
    faults: [],
    intervalNs: 1e9,
    sink: { write() {} },
    onLost() {},
  });
  const [host = '', port] = (fleet.backends[0]?.address ?? '').split(':');
  const socket = connect(Number(port), host);
  const settings = await new Promise<Buffer>((resolve, reject) => {
    socket.once('error', reject);
    const cut = frameCutter(0, ({ type, payload }) => type === SETTINGS && resolve(payload));
    socket.on('data', cut);
    socket.write(Buffer.concat([CLIENT_PREFACE, settingsFrame()]));
  });
  socket.destroy();
  for (let at = 0; at < settings.length; at += 6) {
    if (settings.readUInt16BE(at) === INITIAL_WINDOW_SIZE) return settings.readUInt32BE(at + 2);
  }
  return WINDOW_DEFAULT;
}

export const flowControl: Truth = {
  name: 'window',
  summary: 'A peer that gives no credit: as many octets leave as the smaller window, and no more',
  async rows({ driver }) {
    const rows: Row[] = [];
    const exactly = { standardError: 0 };
    const ofServer = await windowOfBackend();
    const cases = [
      [`window of a grpc-js server (${ofServer})`, ofServer],
      ['stream window 20000', 20_000],
      ['stream window 200000', 200_000],
    ] as const;
    for (const [truth, streamWindow] of cases) {
      const { first, forCredit } = await stalls(driver, streamWindow);
      const common = { truth, subject: driver, unit: 'octets', spread: exactly } as const;
      rows.push(
        judge({
          ...common,
          figure: 'sent before the stall',
          expected: Math.min(streamWindow, WINDOW_DEFAULT),
          measured: first,
        }),
        judge({ ...common, figure: 'sent for credit', expected: CREDIT, measured: forCredit }),
      );
    }
    return rows;
  },
};
