/**
 * fortio: Go, on grpc-go. It calls no method but its own and the standard health check, so it asks for
 * that: a little less work for it than the request that the others send.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { measureOf, missingProgram, type Peer, runProgram } from './peer.js';

const [CONNECTIONS, STREAMS] = [4, 25];

interface FortioResult {
  readonly RetCodes: Readonly<Record<string, number>>;
  /** In ns. */
  readonly ActualDuration: number;
}

export const fortio: Peer = {
  name: 'fortio (health check)',
  settings: `-qps 0 -c ${CONNECTIONS} -s ${STREAMS}, all cores`,
  missing: missingProgram('fortio'),
  async run({ address, framedFile, seconds }) {
    const file = join(dirname(framedFile), 'fortio.json');
    const output = await runProgram('fortio', [
      ...['load', '-grpc', '-qps', '0', '-c', String(CONNECTIONS), '-s', String(STREAMS)],
      ...['-t', `${seconds}s`, '-json', file, address],
    ]);
    const { RetCodes, ActualDuration } = JSON.parse(readFileSync(file, 'utf8')) as FortioResult;
    const good = RetCodes['SERVING'] ?? 0;
    const all = Object.values(RetCodes).reduce((sum, count) => sum + count, 0);
    return measureOf(good, all - good, ActualDuration / 1e9, output);
  },
};
