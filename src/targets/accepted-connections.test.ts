/** Connections that each kind of server accepts, as its snapshots tell them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { test } from 'node:test';
import { monotonicNowNs } from '../base/clock.js';
import type { TargetSnapshot } from './protocol.js';
import { SERVER_KINDS } from './spec.js';
import { startTarget } from './target-server.js';

for (const server of SERVER_KINDS) {
  test(`${server} tells of the connections made to it, and not of another server's`, async () => {
    const counted: number[][] = [[], []];
    const targets = await Promise.all(
      counted.map((into, index) =>
        startTarget(
          { backend: { name: `b${index}`, port: 0, server }, seed: 1, faults: [], intervalNs: 1e9 },
          {
            snapshot: ({ counts }: TargetSnapshot) => into.push(counts.connections ?? Number.NaN),
            event() {},
          },
        ),
      ),
    );
    for (const [index, made] of [3, 1].entries()) {
      targets[index]?.begin(monotonicNowNs(), 0, {});
      for (let i = 0; i < made; i++) {
        const client = connect(`http://127.0.0.1:${targets[index]?.port}`);
        // Its settings are there: the server has taken the connection in.
        await once(client, 'remoteSettings');
        client.close();
      }
    }
    for (const target of targets) target.stop();
    const sums = counted.map((all) => all.reduce((sum, one) => sum + one, 0));
    assert.deepEqual(sums, [3, 1]);
  });
}
