/**
 * `delay`: holds a call back before it is sent, or before its handler hears of it. For tests of chains:
 * what stands before it in the chain sees the delay, what stands after it does not.
 */
import {
  InterceptingCall,
  type InterceptingListener,
  Metadata,
  ServerInterceptingCall,
} from '@grpc/grpc-js';
import { callAt, NS_PER_MS } from '../base/clock.js';
import { type StatusName, statusCode } from '../base/status.js';
import { positiveDuration } from '../base/units.js';
import { defineInterceptor } from './interceptor.js';

/** grpc-js's own timer ends a call up to this much before its deadline. */
const DEADLINE_SLACK_MS = 2;

export const delay = defineInterceptor({
  kind: 'delay',
  summary: 'Holds every call back for a time; for tests of chains.',
  schema: positiveDuration(),
  client: (ns, { now }) => {
    return (options, nextCall) => {
      const deadlineMs = Number(options.deadline ?? Number.POSITIVE_INFINITY);
      let held: Held | undefined;
      return new InterceptingCall(nextCall(options), {
        start(metadata, listener, next) {
          const leftNs = (deadlineMs - DEADLINE_SLACK_MS - Date.now()) * NS_PER_MS;
          const isInTime = ns < leftNs;
          const release = () => {
            held = undefined;
            if (isInTime && Date.now() < deadlineMs - DEADLINE_SLACK_MS) next(metadata, listener);
            else end(listener, 'DEADLINE_EXCEEDED', 'Deadline exceeded while held back');
          };
          // A call that is sent after its end is never heard of again, so this one does not get there.
          const dueNs =
            now() + (isInTime ? ns : Math.max(0, (deadlineMs - Date.now()) * NS_PER_MS));
          held = { listener, forget: callAt(dueNs, release, now) };
        },
        cancel(next) {
          if (held !== undefined) {
            held.forget();
            end(held.listener, 'CANCELLED', 'Cancelled while held back');
            held = undefined;
          }
          next();
        },
      });
    };
  },
  server: (ns, { now }) => {
    return (_method, call) => {
      let forget = () => {};
      return new ServerInterceptingCall(call, {
        start(next) {
          next({
            onReceiveMetadata(metadata, onward) {
              forget = callAt(now() + ns, () => onward(metadata), now);
            },
            onCancel: () => forget(),
          });
        },
      });
    };
  },
});

/** A call that was not sent yet. */
interface Held {
  readonly listener: InterceptingListener;
  /** Stops its timer. */
  readonly forget: () => void;
}

/** Ends a call that was not sent, in a turn of its own as all ends come. */
function end(listener: InterceptingListener, name: StatusName, details: string): void {
  const status = { code: statusCode(name), details, metadata: new Metadata() };
  process.nextTick(() => listener.onReceiveStatus(status));
}
