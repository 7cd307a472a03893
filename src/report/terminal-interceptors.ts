/** The terminal report's tables of interceptors: what they counted, and what chains of them cost. */
import { formatCount } from '../metrics/figures.js';
import type { InterceptorSummary, PhaseSummary, VariantSummary } from '../metrics/summary.js';
import { us } from './terminal-phases.js';
import { left, right, type Style, table, titleRule } from './terminal-style.js';

/** Fewer lengths than this are no series to read a price from. */
const LENGTHS_MIN = 3;
/** Begins the kind in the names of checks of CPU time. */
const CPU_COST = '/cpu-cost';

/** What interceptors counted in each phase that is not discarded; undefined when none counted. */
export function interceptorTable(
  style: Style,
  phases: readonly PhaseSummary[],
): string | undefined {
  const rows = phases
    .filter(({ discard }) => !discard)
    .flatMap(({ name, interceptors = [] }) =>
      interceptors
        .filter(hasCalls)
        .map(({ side, tier = side, interceptor, method, byCode, durationUs }, index) => {
          const total = Object.values(byCode).reduce((sum, count) => sum + count, 0);
          return [
            index === 0 ? name : '',
            `${tier} ${interceptor}`,
            method.split('/').at(-1) ?? method,
            formatCount(total),
            formatCount(total - (byCode.OK ?? 0)),
            us(durationUs?.p50),
            us(durationUs?.p99),
          ];
        }),
    );
  if (rows.length === 0) return undefined;
  const columns = [
    left('phase'),
    left('interceptor'),
    left('method'),
    right('counted'),
    right('not OK'),
    right('p50'),
    right('p99'),
  ];
  return table(style, columns, rows);
}

const hasCalls = ({ byCode }: InterceptorSummary) => Object.keys(byCode).length > 0;

/** What interceptors did to calls in each phase that is not discarded; undefined when nothing. */
export function interceptorEvents(
  style: Style,
  phases: readonly PhaseSummary[],
): string | undefined {
  const rows = phases
    .filter(({ discard }) => !discard)
    .flatMap(({ name, interceptors = [] }) => {
      const told = interceptors.flatMap(({ side, tier = side, interceptor, method, events = {} }) =>
        Object.entries(events).map(([event, count]) => [
          `${tier} ${interceptor}`,
          method.split('/').at(-1) ?? method,
          event,
          formatCount(count),
        ]),
      );
      return told.map((row, index) => [index === 0 ? name : '', ...row]);
    });
  if (rows.length === 0) return undefined;
  const columns = [
    left('phase'),
    left('interceptor'),
    left('method'),
    left('what it did'),
    right('times'),
  ];
  return table(style, columns, rows);
}

/**
 * Variants by the length of their chains and the CPU time that a call took; undefined where that is not what
 * they are about: with fewer than three lengths to compare, unless CPU time is what a check is about. One
 * interceptor here and none there is mostly a policy (`retry`), and what that costs other tables say.
 */
export function chainCosts(style: Style, variants: readonly VariantSummary[]): string | undefined {
  const lengths = new Set(
    variants.map(({ chains }) => `${chains?.client.length ?? 0}/${chains?.server.length ?? 0}`),
  );
  const isAboutCost = variants.some(({ checks }) =>
    checks.some(({ name }) => name.includes(CPU_COST)),
  );
  if (lengths.size < (isAboutCost ? 2 : LENGTHS_MIN)) return undefined;
  // In a closed loop, whose calls are due when they are sent, it is the latency of the table above.
  const withServiceTime = !variants.every(({ closedLoop }) => closedLoop === true);
  const rows = variants.flatMap(({ name, chains, phases }) =>
    phases
      .filter(({ discard }) => !discard)
      .map(({ name: phase, cpu, serviceTimeUs }) => [
        phase,
        name,
        formatCount(chains?.client.length ?? 0),
        formatCount(chains?.server.length ?? 0),
        us(cpu?.clientUsPerCall),
        us(cpu?.serverUsPerAttempt),
        ...(withServiceTime ? [us(serviceTimeUs?.p50)] : []),
      ]),
  );
  const columns = [
    left('phase'),
    left('variant'),
    right('client\ninterceptors'),
    right('server\ninterceptors'),
    right('client\nCPU a call'),
    right('server\nCPU a call'),
    ...(withServiceTime ? [right('service time\np50')] : []),
  ];
  return `${titleRule(style, 'interceptors and CPU time')}\n\n${table(style, columns, rows)}`;
}
