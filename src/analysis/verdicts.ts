/**
 * The checks of a variant, judged.
 *
 * A check that rests on the generator's timing is inconclusive when the generator was saturated,
 * whatever it says: a fail may then be the generator's own slowness, just as a pass may. One that
 * compares rests on both variants' timing.
 */
import { entryOf } from '../base/catalogue.js';
import type { AnyCheckKind, CheckPlan, VariantFindings } from '../checks/check.js';
import type { Evidence } from '../checks/evidence.js';
import { checks } from '../checks/index.js';
import type { CheckResult } from '../metrics/summary.js';

/** Of a variant alone. */
export const NO_EVIDENCE: Evidence = {
  variant: () => undefined,
  durations: () => undefined,
  unhealthyArrivals: () => [],
};

/**
 * What a variant's checks are called in its results: `storm/goodput`, where a kind measures several things
 * `back/versus connects`, and a second one of the same `storm/goodput#2`.
 */
export function checkNames(plans: readonly CheckPlan[], variant: string): string[] {
  const taken = new Map<string, number>();
  return plans.map(({ kind, options }) => {
    const entry: AnyCheckKind = entryOf<AnyCheckKind>(checks, kind);
    const measured = entry.measured === undefined ? '' : ` ${entry.measured(options)}`;
    const name = `${entry.phasesNamed(options)[0] ?? variant}/${kind}${measured}`;
    const number = (taken.get(name) ?? 0) + 1;
    taken.set(name, number);
    return number === 1 ? name : `${name}#${number}`;
  });
}

export function judgeChecks(
  plans: readonly CheckPlan[],
  findings: VariantFindings,
  evidence: Evidence = NO_EVIDENCE,
): CheckResult[] {
  const names = checkNames(plans, findings.name);
  return plans.map(({ kind, options, shows }, index) => {
    const entry: AnyCheckKind = entryOf<AnyCheckKind>(checks, kind);
    const judgement = entry.judge(options, findings, evidence);
    const told = shows === undefined ? {} : { shows };
    const result = { name: names[index] ?? kind, ...judgement, ...told };
    if (!entry.restsOnTiming) return result;
    const others = (entry.variantsNamed?.(options) ?? []).map((other) => evidence.variant(other));
    return distrustIfSaturated(result, [findings, ...others.filter((one) => one !== undefined)]);
  });
}

function distrustIfSaturated(result: CheckResult, rested: readonly VariantFindings[]): CheckResult {
  if (result.verdict === 'inconclusive') return result;
  const saturated = rested.find(({ generator }) => generator.saturated);
  if (saturated === undefined) return result;
  const whose = saturated === rested[0] ? '' : ` in ${saturated.name}`;
  const why =
    `${result.why}; that would be a ${result.verdict}, but the generator was saturated${whose} ` +
    `(${saturated.generator.reasons.join('; ')}) and this rests on its timing`;
  return { ...result, verdict: 'inconclusive', why };
}
