/**
 * `proc-cpu`: the backend has other work to do, which takes a share of its processor time.
 *
 *   other work ├──────────────┐        ├──────────────┐        ├──…
 *   calls                     └────────┤              └────────┤
 *              │←     load   →│
 *              │←        slice        →│
 */
import { z } from 'zod';
import { positiveDuration, positiveShare } from '../base/units.js';
import { defineHostFault, type FaultHost, faultEnvelope, LOOP_SHARE_MAX } from './fault.js';

interface Burn {
  /** Above 0 and below 1. */
  readonly load: number;
  /** ns */
  readonly slice: number;
}

export const procCpu = defineHostFault({
  kind: 'proc-cpu',
  summary: "Takes a share of the backend's processor time for other work, in short slices.",
  layers: ['process'],
  exercises: 'balancers that look at load, outlier detection, deadlines',
  correctClient: 'Sends less to a backend that has become slow, as far as its balancer can see it.',
  acts: 'host',
  schema: z.strictObject({
    ...faultEnvelope,
    /** Share of the time of the thread that serves. */
    load: positiveShare().refine((fraction) => !(fraction > LOOP_SHARE_MAX), {
      message: 'a load is at most 95%',
    }),
    /** Work and rest together; short ones are as a busy neighbour, long ones as a pause. */
    slice: positiveDuration().default(10e6),
  }),
  takes: ({ load }) => load,
  start: startBurning,
});

function startBurning({ load, slice }: Burn, host: FaultHost): () => void {
  const burnNs = Math.round(load * slice);
  let cancel = () => {};
  const burn = () => {
    cancel = host.after(slice, burn);
    host.burnLoop(burnNs);
  };
  burn();
  return () => cancel();
}
