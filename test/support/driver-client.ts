/** One driver connected to one backend, for tests of what servers do to real clients. */
import type { CallMetadata } from '../../src/calls/call-metadata.js';
import type { CallChannel } from '../../src/calls/channel.js';
import {
  encodeChatMessage,
  encodeListenRequest,
  isMessage,
  LISTEN_METHOD,
  SAY_METHOD,
} from '../../src/calls/chat-codec.js';
import { clientSchema } from '../../src/drivers/client-schema.js';
import { createDriver } from '../../src/drivers/create-driver.js';
import { createWitness, type Ended } from './call-witness.js';

export interface DriverClient extends Disposable {
  /** Says one message. @param deadlineMs none when absent. */
  say(metadata?: CallMetadata, deadlineMs?: number): Promise<Ended>;
  /** Says one message, and can be told to give it up. */
  start(): { readonly ended: Promise<Ended>; cancel(): void };
  /** Listens, and keeps the times at which messages came. */
  listen(
    limit: number,
    metadata?: CallMetadata,
  ): { readonly heardMs: readonly number[]; readonly ended: Promise<Ended>; cancel(): void };
}

/** @param client further keys of a scenario's `client:`. */
export async function connectDriver(address: string, client: object): Promise<DriverClient> {
  const driver = createDriver([address], clientSchema.parse(client));
  await driver.ready(5_000);
  const [channel] = driver.channels as readonly [CallChannel];
  return {
    [Symbol.dispose]: () => driver[Symbol.dispose](),
    say(metadata = {}, deadlineMs) {
      const { ticket, ended } = createWitness();
      const request = encodeChatMessage({ user: 'test', content: 'hi', timestamp: 1 });
      const deadlineNs = deadlineMs === undefined ? undefined : deadlineMs * 1e6;
      channel.unary(SAY_METHOD, request, ticket, deadlineNs, metadata, isMessage);
      return ended;
    },
    start() {
      const { ticket, ended } = createWitness();
      const request = encodeChatMessage({ user: 'test', content: 'hi', timestamp: 1 });
      channel.unary(SAY_METHOD, request, ticket, undefined, {});
      return { ended, cancel: () => ticket.cancel() };
    },
    listen(limit, metadata = {}) {
      const { ticket, ended } = createWitness();
      const heardMs: number[] = [];
      const request = encodeListenRequest(limit);
      channel.serverStream(LISTEN_METHOD, request, ticket, undefined, metadata, (...octets) => {
        heardMs.push(performance.now());
        return isMessage(...octets);
      });
      return { heardMs, ended, cancel: () => ticket.cancel() };
    },
  };
}
