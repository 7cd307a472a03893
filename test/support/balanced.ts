/** Servers behind a balancing proxy, all in this process, and what each of them received. */
import { monotonicNowNs } from '../../src/base/clock.js';
import type { StatusName } from '../../src/base/status.js';
import { clientSchema } from '../../src/drivers/client-schema.js';
import { createDriver } from '../../src/drivers/create-driver.js';
import type { Driver } from '../../src/drivers/driver.js';
import type { BalancePolicy } from '../../src/proxy/balancer.js';
import { type RunningProxy, startProxy } from '../../src/proxy/proxy.js';
import type { BackendSpec } from '../../src/targets/spec.js';
import { startTarget, type Target } from '../../src/targets/target-server.js';
import { startCall } from './call-witness.js';

export interface BalancedServers extends Disposable {
  readonly proxy: RunningProxy;
  readonly targets: readonly Target[];
  /** What the proxy said of connections that it lost. */
  readonly lost: readonly string[];
  /** Of each, the attempts that it received; stops them. */
  received(): number[];
  /** A client of the proxy. */
  connect(driver: 'wire' | 'grpc-js', lost?: string[]): Promise<Driver>;
}

/** @param specs one for each server: what it has besides its name. */
export async function startBalanced(
  balance: BalancePolicy,
  specs: readonly Partial<BackendSpec>[],
): Promise<BalancedServers> {
  const counts = specs.map(() => 0);
  const lost: string[] = [];
  const targets = await Promise.all(
    specs.map((spec, index) =>
      startTarget(
        {
          backend: { name: `b${index}`, port: 0, server: 'wire', ...spec },
          ...{ seed: 1, faults: [], intervalNs: 1e9 },
        },
        {
          event() {},
          snapshot({ counts: { receivedByPreviousAttempts } }) {
            for (const count of Object.values(receivedByPreviousAttempts)) {
              counts[index] = (counts[index] ?? 0) + count;
            }
          },
        },
      ),
    ),
  );
  const zeroNs = monotonicNowNs();
  for (const target of targets) target.begin(zeroNs, 0, {});
  const proxy = await startProxy({
    ...{ host: '127.0.0.1', port: 0, onLost: (reason: string) => lost.push(reason) },
    upstream: {
      balance,
      places: targets.map(({ port }, index) => ({
        name: `b${index}`,
        address: { host: '127.0.0.1', port },
      })),
    },
  });
  const stop = () => {
    for (const target of targets) target.stop();
  };
  return {
    proxy,
    targets,
    lost,
    received() {
      stop();
      return [...counts];
    },
    async connect(driver, lostByClient = []) {
      const client = createDriver([`127.0.0.1:${proxy.port}`], clientSchema.parse({ driver }), {
        onConnectionLost: (_address, reason) => lostByClient.push(reason),
      });
      await client.ready(5_000);
      return client;
    },
    [Symbol.dispose]() {
      proxy.close();
      stop();
    },
  };
}

/** Statuses of so many calls, one after another. */
export async function inTurn(client: Driver, count: number): Promise<StatusName[]> {
  const statuses: StatusName[] = [];
  for (let call = 0; call < count; call++) {
    statuses.push((await startCall(client, 5_000).ended).status);
  }
  return statuses;
}
