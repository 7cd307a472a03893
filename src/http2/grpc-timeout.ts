/**
 * The `grpc-timeout` field: at most eight digits and a unit (the gRPC documentation,
 * doc/PROTOCOL-HTTP2.md, "Timeout").
 */

/** Units with their nanoseconds, the finest first. */
const UNITS = [
  ['n', 1],
  ['u', 1e3],
  ['m', 1e6],
  ['S', 1e9],
  ['M', 60e9],
  ['H', 3600e9],
] as const;

const NS_OF_UNIT: Readonly<Record<string, number>> = Object.fromEntries(UNITS);
const COUNT_MAX = 99_999_999;
const TIMEOUT = /^(\d{1,8})([numSMH])$/;

/**
 * A timeout in the finest unit that its digits allow, rounded up: the server must not give up before
 * the client does. Below 1 ns is sent as 1 ns, above 99,999,999 hours as that.
 */
export function formatGrpcTimeout(timeoutNs: number): string {
  for (const [unit, unitNs] of UNITS) {
    const count = Math.ceil(timeoutNs / unitNs);
    if (count <= COUNT_MAX) return `${Math.max(count, 1)}${unit}`;
  }
  return `${COUNT_MAX}H`;
}

/** Nanoseconds of a `grpc-timeout`, or undefined for any other text: it comes from the network. */
export function parseGrpcTimeout(text: string): number | undefined {
  const match = TIMEOUT.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * (NS_OF_UNIT[match[2] ?? ''] ?? Number.NaN);
}
