/** Unary calls on a channel, again and again, while something happens to the servers. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { StatusName } from '../../src/base/status.js';
import type { CallChannel } from '../../src/calls/channel.js';
import { SAY_METHOD } from '../../src/calls/chat-codec.js';
import { createWitness, type Ended, REQUEST } from './call-witness.js';

export interface LoadEnd extends Ended {
  /** From its send to its end. */
  readonly tookMs: number;
}

export interface UnaryLoad {
  /** How each call ended, in the order in which they were sent. */
  readonly ended: readonly LoadEnd[];
  /** How many ended with each status. */
  readonly byStatus: Partial<Record<StatusName, number>>;
  /** The longest that a call took. */
  readonly tookMsMax: number;
}

/** Sends `burst` calls every other millisecond until `isDone`, and waits for all of them to end. */
export async function unaryLoad(
  channel: CallChannel | undefined,
  { burst, deadlineMs, isDone }: { burst: number; deadlineMs: number; isDone: () => boolean },
): Promise<UnaryLoad> {
  const calls: Promise<LoadEnd>[] = [];
  while (!isDone()) {
    for (let i = 0; i < burst; i++) {
      const startMs = performance.now();
      const { ticket, ended } = createWitness(calls.length);
      calls.push(ended.then((end) => ({ ...end, tookMs: performance.now() - startMs })));
      channel?.unary(SAY_METHOD, REQUEST, ticket, deadlineMs * 1e6);
    }
    await sleep(2);
  }
  const ended = await Promise.all(calls);
  const byStatus: Partial<Record<StatusName, number>> = {};
  for (const { status } of ended) byStatus[status] = (byStatus[status] ?? 0) + 1;
  return { ended, byStatus, tookMsMax: Math.max(...ended.map(({ tookMs }) => tookMs)) };
}
