/**
 * `health-flap`: the health service goes back and forth between NOT_SERVING and what it said
 * before.
 *
 *   NOT_SERVING ├────────┐        ├────────┐        ├────────┐
 *   as before            └────────┤        └────────┤        └──…
 *               │← duty →│
 *               │←    period    →│
 */
import { z } from 'zod';
import { positiveDuration, share } from '../base/units.js';
import { defineHostFault, type FaultHost, faultEnvelope } from './fault.js';

interface Flap {
  readonly service: string;
  /** ns */
  readonly period: number;
  /** Share of the period that is NOT_SERVING, above 0 and up to 1. */
  readonly duty: number;
}

export const healthFlap = defineHostFault({
  kind: 'health-flap',
  summary: 'Lets the health service go back and forth between NOT_SERVING and SERVING.',
  layers: ['interceptor', 'proxy'],
  exercises: 'client-side health checking, reconnection and balancer churn',
  correctClient:
    'Follows each change without closing its connection and without failing calls in flight ' +
    '(gRFC A17).',
  acts: 'host',
  schema: z.strictObject({
    ...faultEnvelope,
    /** Name of the service, or `service/method`; empty for the whole server. */
    service: z.string().default(''),
    /** From one change to NOT_SERVING to the next. */
    period: positiveDuration(),
    /** Share of the period that is NOT_SERVING. */
    duty: share()
      .refine((fraction) => !(fraction <= 0), { message: 'a duty above 0% is needed here' })
      .default(0.5),
  }),
  claims: ({ service, period, duty }) => ({
    of: 'health',
    name: service,
    as: `NOT_SERVING for ${duty} of every ${period} ns`,
  }),
  start: startFlap,
});

function startFlap({ service, period, duty }: Flap, host: FaultHost): () => void {
  const downNs = Math.round(period * duty);
  let undo = () => {};
  let cancel = () => {};
  const down = () => {
    undo = host.overrideHealth(service, 'NOT_SERVING');
    if (downNs < period) cancel = host.after(downNs, up);
  };
  const up = () => {
    undo();
    undo = () => {};
    cancel = host.after(period - downNs, down);
  };
  down();
  return () => {
    cancel();
    undo();
  };
}
