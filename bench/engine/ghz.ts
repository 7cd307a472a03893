/** ghz: Go, on grpc-go. */
import { measureOf, missingProgram, type Peer, runProgram } from './peer.js';

/** Left to use all cores, which is better for it than one; 4 connections were its best of 1, 2, 4, 8. */
const [CONNECTIONS, CALLERS] = [4, 100];

interface GhzReport {
  readonly count: number;
  /** Length of the run in ns. */
  readonly total: number;
  readonly statusCodeDistribution: Readonly<Record<string, number>>;
}

export const ghz: Peer = {
  name: 'ghz',
  settings: `-c ${CALLERS} --connections ${CONNECTIONS}, all cores`,
  missing: missingProgram('ghz'),
  async run({ address, method, protoFile, json, seconds }) {
    const output = await runProgram('ghz', [
      ...['--insecure', '--proto', protoFile, '--call', method.replace('/', '.'), '-d', json],
      ...['-c', String(CALLERS), '--connections', String(CONNECTIONS), '-z', `${seconds}s`],
      // Calls that its end cuts off are not the server's failures.
      ...['--duration-stop', 'ignore', '-O', 'json', address],
    ]);
    const { count, total, statusCodeDistribution } = JSON.parse(output.text) as GhzReport;
    const good = statusCodeDistribution['OK'] ?? 0;
    return measureOf(good, count - good, total / 1e9, output);
  },
};
