/**
 * `proc-cold`: services take longer at first, as on a server whose caches are empty and whose code is
 * not compiled yet.
 *
 *   factor ┤\                        linear:      1 + (factor - 1) (1 - t/over)
 *          │ ` .                     exponential: factor ^ (1 - t/over)
 *        1 ┤- - - ` - - ──────────
 *          └──────────┬───────────► time since it was cold
 *                    over
 */
import { z } from 'zod';
import { positiveDuration } from '../base/units.js';
import { defineHostFault, type FaultHost, faultEnvelope } from './fault.js';

const CURVES = {
  linear: (factor: number, left: number) => 1 + (factor - 1) * left,
  exponential: (factor: number, left: number) => factor ** left,
} as const;

interface Cold {
  readonly factor: number;
  /** ns */
  readonly over: number;
  readonly curve: keyof typeof CURVES;
  readonly when: 'fault' | 'restart';
}

export const procCold = defineHostFault({
  kind: 'proc-cold',
  summary: 'Multiplies service times by a factor that falls to 1 over a while.',
  layers: ['process'],
  exercises: 'slow start, balancers that look at load, deadlines after a restart',
  correctClient: 'Gives a backend that came back little load at first.',
  acts: 'host',
  needsCapacity: true,
  schema: z.strictObject({
    ...faultEnvelope,
    /** Of the first moment. */
    factor: z.number().min(1).max(10_000),
    /** Time until the factor is 1; the fault may end before. */
    over: positiveDuration(),
    curve: z.enum(['linear', 'exponential']).default('linear'),
    /**
     * What is cold: the server as the fault begins, and each that is started while it lasts; or the
     * latter only.
     */
    when: z.enum(['fault', 'restart']).default('fault'),
  }),
  start: startCold,
});

function startCold({ factor, over, curve, when }: Cold, host: FaultHost): () => void {
  if (when === 'restart' && !host.isRestarted) return () => {};
  const at = CURVES[curve];
  return host.scaleService((sinceNs) => at(factor, Math.max(0, 1 - sinceNs / over)));
}
