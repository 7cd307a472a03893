/** A relay of bytes before a port of this machine, with faults that a test begins and ends. */
import type { FaultWindow } from '../../src/faults/fault.js';
import type { faults as catalogue } from '../../src/faults/index.js';
import { ByteRelay, type RelayEnd } from '../../src/proxy/bytes/byte-relay.js';
import { startTcpFront, type TcpFront } from '../../src/proxy/bytes/tcp-front.js';
import { faultWindow } from './fleet.js';

export interface ByteProxy extends Disposable {
  readonly address: string;
  readonly front: TcpFront;
  /** Relays that are going on, the oldest first. */
  readonly relays: ReadonlySet<ByteRelay>;
  /** How those that are over ended. */
  readonly ends: readonly RelayEnd[];
  /** Begins a fault, its options as scenario files write them; returns what ends it. */
  begin(kind: keyof typeof catalogue, options?: object, changes?: Partial<FaultWindow>): () => void;
}

export async function startByteProxy(port: number): Promise<ByteProxy> {
  const relays = new Set<ByteRelay>();
  const ends: RelayEnd[] = [];
  const front = await startTcpFront({
    host: '127.0.0.1',
    port: 0,
    seed: 7,
    serve(client) {
      const relay = new ByteRelay(client, {
        upstream: { host: '127.0.0.1', port },
        onEnd(end) {
          relays.delete(relay);
          ends.push(end);
        },
      });
      relays.add(relay);
    },
  });
  return {
    address: `127.0.0.1:${front.port}`,
    front,
    relays,
    ends,
    begin: (kind, options = {}, changes = {}) =>
      front.faults.begin(faultWindow(kind, options, changes)),
    [Symbol.dispose]() {
      front.close();
      for (const relay of relays) relay.destroy();
    },
  };
}
