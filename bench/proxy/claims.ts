/** What is claimed of our proxy beside the others, and whether what was measured bears it out. */
import { formatSpread, type Spread, spreadOf } from '../engine/spread.js';
import { type AddedLatency, RATE_PER_SECOND } from './added-latency.js';
import { type IdleStreams, STREAMS } from './idle-streams.js';
import type { SaturatedSide, Saturation } from './saturation.js';

/** One claim: it holds when it holds in the middle of all rounds; the range is told beside it. */
export interface Claim {
  readonly what: string;
  readonly wanted: string;
  readonly reached: string;
  readonly isMet: boolean;
}

const CALLS_RATIO_MIN = 2;
const CPU_RATIO_MAX = 0.5;
const ADDED_P50_US_MAX = 100;
const RSS_BYTES_MAX = 150e6;

/** @param ours our proxy's name in what was measured. */
export function judge(
  ours: string,
  saturations: readonly Saturation[],
  latencies: readonly AddedLatency[],
  idle: readonly IdleStreams[],
): Claim[] {
  return [
    ...saturations.flatMap((saturation) => saturationClaims(ours, saturation)),
    ...latencies.filter(({ name }) => name === ours).map(latencyClaim),
    ...idle.filter(({ name }) => name === ours).map(memoryClaim),
  ];
}

/** Ours ÷ the better of the others, within each round. */
function ratios(
  own: SaturatedSide,
  others: readonly SaturatedSide[],
  figure: 'callsPerSecond' | 'cpuUsPerCall',
): Spread {
  const best = figure === 'callsPerSecond' ? Math.max : Math.min;
  return spreadOf(
    own.rounds.map(
      (round, index) =>
        round[figure] / best(...others.map(({ rounds }) => rounds[index]?.[figure] ?? Number.NaN)),
    ),
  );
}

function saturationClaims(ours: string, { load, sides }: Saturation): Claim[] {
  const own = sides.find(({ name }) => name === ours);
  const others = sides.filter(({ name }) => name !== ours);
  if (own === undefined || others.length === 0) return [];
  const calls = ratios(own, others, 'callsPerSecond');
  const cpu = ratios(own, others, 'cpuUsPerCall');
  return [
    {
      what: `calls/s ÷ those of the better other proxy, ${load}`,
      wanted: `at least ${CALLS_RATIO_MIN}`,
      reached: formatSpread(calls),
      isMet: calls.median >= CALLS_RATIO_MIN,
    },
    {
      what: `CPU per call ÷ that of the better other proxy, ${load}`,
      wanted: `at most ${CPU_RATIO_MAX}`,
      reached: formatSpread(cpu),
      isMet: cpu.median <= CPU_RATIO_MAX,
    },
  ];
}

function latencyClaim({ addedP50Us, addedP99Us }: AddedLatency): Claim {
  return {
    what: `p50 added at ${RATE_PER_SECOND} calls/s`,
    wanted: `at most ${ADDED_P50_US_MAX} µs`,
    reached: `${formatSpread(addedP50Us, 0)} µs; p99 ${formatSpread(addedP99Us, 0)} µs`,
    isMet: addedP50Us.median <= ADDED_P50_US_MAX,
  };
}

function memoryClaim({ open, peakRssBytes }: IdleStreams): Claim {
  return {
    what: `resident memory with ${STREAMS} idle streams`,
    wanted: `at most ${RSS_BYTES_MAX / 1e6} MB`,
    reached: `${(peakRssBytes / 1e6).toFixed(0)} MB at most, ${open} streams open`,
    isMet: open === STREAMS && peakRssBytes <= RSS_BYTES_MAX,
  };
}

/** A line a claim. */
export function claimLines(claims: readonly Claim[]): string {
  return claims
    .map(
      ({ what, wanted, reached, isMet }) =>
        `${isMet ? 'met    ' : 'NOT MET'} ${what}: ${reached}, wanted ${wanted}`,
    )
    .join('\n');
}
