/** k6: Go and a JavaScript engine for the script, on grpc-go. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { measureOf, missingProgram, type Peer, runProgram } from './peer.js';

/** Each of its users has a connection of its own; 50 were its best of 10, 50 and 200. */
const USERS = 50;

interface K6Summary {
  readonly metrics: Readonly<
    Record<string, { readonly count?: number; readonly passes?: number; readonly fails?: number }>
  >;
}

function scriptOf(address: string, method: string, json: string, protoFile: string): string {
  return `
import grpc from 'k6/net/grpc';
import { check } from 'k6';
const client = new grpc.Client();
client.load(['${dirname(protoFile)}'], 'chat.proto');
const request = ${json};
let isConnected = false;
export default () => {
  if (!isConnected) { client.connect('${address}', { plaintext: true }); isConnected = true; }
  check(client.invoke('${method}', request), { ok: (reply) => reply.status === grpc.StatusOK });
};
`;
}

export const k6: Peer = {
  name: 'k6',
  settings: `${USERS} virtual users, all cores`,
  missing: missingProgram('k6'),
  async run({ address, method, json, protoFile, framedFile, seconds }) {
    const script = join(dirname(framedFile), 'k6.js');
    const summary = join(dirname(framedFile), 'k6-summary.json');
    writeFileSync(script, scriptOf(address, method, json, protoFile));
    const output = await runProgram(
      'k6',
      [
        ...['run', '--quiet', '--no-usage-report', '--summary-export', summary],
        ...['--vus', String(USERS), '--duration', `${seconds}s`, script],
      ],
      { K6_NO_USAGE_REPORT: 'true' },
    );
    const { metrics } = JSON.parse(readFileSync(summary, 'utf8')) as K6Summary;
    const { passes = 0, fails = 0 } = metrics['checks'] ?? {};
    return measureOf(passes, fails, seconds, output);
  },
};
