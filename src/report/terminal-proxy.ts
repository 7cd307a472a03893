/** The terminal report's tables of proxies: what ours saw, and how several ways of balancing compare. */
import { formatBytes, formatCount, formatShare } from '../metrics/figures.js';
import type { BackendSummary, PhaseSummary, VariantSummary } from '../metrics/summary.js';
import { ratio, titleOf, us } from './terminal-phases.js';
import { left, right, type Style, table, titleRule } from './terminal-style.js';

/** What our proxy saw in each phase; undefined when there was none. */
export function proxyTable(style: Style, phases: readonly PhaseSummary[]): string | undefined {
  const rows = phases.flatMap((phase) => {
    const { proxy, cpu } = phase;
    if (proxy === undefined) return [];
    const { receivedByPreviousAttempts: attempts, byCode } = proxy;
    const ended = Object.values(byCode).reduce((sum, count) => sum + count, 0);
    return [
      [
        titleOf(phase),
        formatCount(proxy.calls),
        formatCount(proxy.calls - (attempts['0'] ?? 0)),
        formatCount(ended - (byCode.OK ?? 0)),
        formatCount(proxy.resetsByClients + proxy.resetsByServers),
        formatCount(proxy.backendConnectionsLost),
        formatCount(proxy.windowStalls),
        formatBytes(proxy.heldBytesMax),
        us(cpu?.proxyUsPerCall),
      ],
    ];
  });
  if (rows.length === 0) return undefined;
  const columns = [
    left('phase'),
    right('through\nproxy'),
    right('retries'),
    right('servers\nnot OK'),
    right('streams\nreset'),
    right('conns.\nlost'),
    right('waits for\nwindow'),
    right('held\nat most'),
    right('CPU\na call'),
  ];
  return table(style, columns, rows);
}

/** Variants by who balances; undefined where no proxy of any of them does. */
export function balancingSideBySide(
  style: Style,
  variants: readonly VariantSummary[],
): string | undefined {
  const isBalanced = variants.some(({ phases }) =>
    phases.some(({ backends }) => backends.some(({ countedBy }) => countedBy !== undefined)),
  );
  if (!isBalanced || variants.length < 2) return undefined;
  const judged = variants.flatMap(({ name, phases }) =>
    phases.filter(({ discard }) => !discard).map((phase) => ({ variant: name, phase })),
  );
  const names = [...new Set(judged.map(({ phase }) => phase.name))];
  const rows = names.flatMap((name) =>
    judged
      .filter(({ phase }) => phase.name === name)
      .map(({ variant, phase: { backends, fairness, latencyUs, cpu } }, index) => [
        index === 0 ? name : '',
        variant,
        sharesOf(backends),
        ratio(fairness?.jain),
        us(latencyUs?.p50),
        us(latencyUs?.p99),
        us(cpu?.clientUsPerCall),
        us(cpu?.proxyUsPerCall),
      ]),
  );
  const columns = [
    left('phase'),
    left('variant'),
    left('share of each backend'),
    right('Jain'),
    right('p50'),
    right('p99'),
    right('client\nCPU a call'),
    right('proxy\nCPU a call'),
  ];
  return `${titleRule(style, 'who balances')}\n\n${table(style, columns, rows)}`;
}

/** Up to four shares, or the least and the greatest. */
function sharesOf(backends: readonly BackendSummary[]): string {
  const shares = backends.map(({ share = 0 }) => share);
  if (shares.length <= 4) return shares.map((share) => formatShare(share)).join('  ');
  return `${formatShare(Math.min(...shares))} to ${formatShare(Math.max(...shares))}`;
}
