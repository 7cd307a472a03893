/**
 * The checks of a variant, judged.
 *
 * A check that rests on the generator's timing is inconclusive when the generator was saturated,
 * whatever it says: a fail may then be the generator's own slowness, just as a pass may.
 */
import { entryOf } from '../base/catalogue.js';
import type { AnyCheckKind, CheckPlan, VariantFindings } from '../checks/check.js';
import { checks } from '../checks/index.js';
import type { CheckResult } from '../metrics/summary.js';

export function judgeChecks(plans: readonly CheckPlan[], findings: VariantFindings): CheckResult[] {
  const taken = new Map<string, number>();
  return plans.map(({ kind, options }) => {
    const entry: AnyCheckKind = entryOf<AnyCheckKind>(checks, kind);
    const name = `${entry.phasesNamed(options)[0] ?? findings.name}/${kind}`;
    const number = (taken.get(name) ?? 0) + 1;
    taken.set(name, number);
    const judgement = entry.judge(options, findings);
    const result = { name: number === 1 ? name : `${name}#${number}`, ...judgement };
    return entry.restsOnTiming ? distrustIfSaturated(result, findings) : result;
  });
}

function distrustIfSaturated(result: CheckResult, { generator }: VariantFindings): CheckResult {
  if (!generator.saturated || result.verdict === 'inconclusive') return result;
  const why =
    `${result.why}; that would be a ${result.verdict}, but the generator was saturated ` +
    `(${generator.reasons.join('; ')}) and this rests on its timing`;
  return { ...result, verdict: 'inconclusive', why };
}
