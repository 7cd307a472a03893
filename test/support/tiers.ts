/** A chain of tiers in the test's own process: one target each, and what each of them counted. */
import { monotonicNowNs } from '../../src/base/clock.js';
import type { FaultWindow } from '../../src/faults/fault.js';
import type { TargetCounts } from '../../src/metrics/record.js';
import { nextSchema } from '../../src/targets/next-spec.js';
import type { BackendSpec } from '../../src/targets/spec.js';
import { startTarget, type Target } from '../../src/targets/target-server.js';

export interface TierChain extends Disposable {
  /** Of the front tier. */
  readonly address: string;
  /** Ends all of them; what each counted, by name, the front one first. */
  stop(): Readonly<Record<string, TargetCounts>>;
}

export interface TierChainOptions {
  /** From the front on; all but the last call the one that follows. */
  readonly tiers: readonly Omit<BackendSpec, 'port'>[];
  readonly faults?: readonly FaultWindow[];
  /** Whom the last one calls, where it calls anybody. */
  readonly lastNext?: string;
}

/** `next:` as a scenario has it, but for the tier's name. */
export const nextOf = (options: object = {}) => nextSchema.parse({ tier: 'next', ...options });

export async function startTierChain({
  tiers,
  faults = [],
  lastNext,
}: TierChainOptions): Promise<TierChain> {
  const counts: Record<string, TargetCounts> = {};
  const targets: Target[] = [];
  let address = lastNext;
  for (const [index, spec] of [...tiers.entries()].toReversed()) {
    const target: Target = await startTarget(
      {
        backend: { port: 0, ...spec },
        seed: 7,
        faults,
        intervalNs: 3_600e9,
        ...(index === 0 ? {} : { tier: spec.name }),
        ...(address === undefined ? {} : { next: { addresses: [address] } }),
      },
      {
        snapshot: (snapshot) => {
          counts[spec.name] = snapshot.counts;
        },
        event() {},
      },
    );
    targets.unshift(target);
    address = `127.0.0.1:${target.port}`;
  }
  const zeroNs = monotonicNowNs();
  for (const target of targets) target.begin(zeroNs, 0, {});
  const stop = () => {
    for (const target of targets.splice(0)) target.stop();
    return counts;
  };
  return { address: address ?? '', stop, [Symbol.dispose]: () => void stop() };
}
