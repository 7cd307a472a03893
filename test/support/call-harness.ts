/**
 * One kind of call on a real channel, with everything around it in the test's hands: the load clock
 * stands at zero but for what `play` runs, and all that is counted is written down.
 */
import assert from 'node:assert/strict';
import { entryOf } from '../../src/base/catalogue.js';
import { type StatusName, statusName } from '../../src/base/status.js';
import type { AnyCallKind, CallContext, OpenCall } from '../../src/calls/call.js';
import type { CallChannel } from '../../src/calls/channel.js';
import { calls } from '../../src/calls/index.js';
import { type CallOwner, CallTicket } from '../../src/calls/ticket.js';

export interface CallHarness {
  /** Starts a call in a slot; due at `dueNs`. */
  start(slot: number, dueNs?: number): StartedCall;
  /**
   * Runs what is planned, in order of due times and one a turn of the event loop, until `isDone`.
   * @throws when it is not done after ten seconds.
   */
  play(isDone: () => boolean): Promise<void>;
  /** Due times of messages that were sent, and of those that were missed. */
  readonly sent: readonly number[];
  readonly missed: readonly number[];
  /** Due times that messages which came said they had. */
  readonly received: readonly number[];
  readonly receivedSlowly: readonly number[];
}

export interface StartedCall {
  readonly open: OpenCall;
  readonly ticket: CallTicket;
  /** Its status, once it has one. */
  status(): StatusName | undefined;
}

/** @param options of the kind, as a scenario writes them. */
export function createCallHarness(
  kind: keyof typeof calls,
  options: object,
  channel: CallChannel | undefined,
  deadlineNs?: number,
): CallHarness {
  assert.ok(channel);
  const [sent, missed, received]: [number[], number[], number[]] = [[], [], []];
  const receivedSlowly: number[] = [];
  const planned: {
    readonly dueNs: number;
    readonly run: (dueNs: number, nowNs: number) => void;
  }[] = [];
  const context: CallContext = {
    seed: 7,
    load: 'test',
    worker: 0,
    now: () => 0,
    at: (dueNs, run) => void planned.push({ dueNs, run }),
    channel: () => channel,
    deadlineNs,
    messages: {
      due: (dueNs, isSent) => void (isSent ? sent : missed).push(dueNs),
      received: (dueNs) => void received.push(dueNs),
      receivedSlowly: (dueNs) => void receivedSlowly.push(dueNs),
      stalled: () => {},
      resumed: () => {},
      buffered: () => {},
    },
  };
  const statuses = new Map<CallTicket, StatusName>();
  const owner: CallOwner = {
    now: () => 0,
    zeroNs: 0,
    hedges: false,
    attemptStarted: () => {},
    attemptEnded: () => {},
    callEnded(ticket, code) {
      assert.ok(!statuses.has(ticket), 'a call ended twice');
      statuses.set(ticket, statusName(code));
    },
  };
  const entry = entryOf<AnyCallKind>(calls, kind);
  const start = entry.prepare(entry.schema.parse(options), context);
  return {
    sent,
    missed,
    received,
    receivedSlowly,
    start(slot, dueNs = 0) {
      const ticket = new CallTicket(owner, slot, dueNs, 0);
      return { ticket, open: start(ticket, slot), status: () => statuses.get(ticket) };
    },
    async play(isDone) {
      const giveUpMs = performance.now() + 10_000;
      while (!isDone()) {
        assert.ok(performance.now() < giveUpMs, 'not done after ten seconds');
        planned.sort((a, b) => a.dueNs - b.dueNs);
        const next = planned.shift();
        next?.run(next.dueNs, next.dueNs);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}
