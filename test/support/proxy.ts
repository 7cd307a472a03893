/** A proxy in the process of the test, before a server at an address. */
import { monotonicNowNs } from '../../src/base/clock.js';
import { type ProxyOptions, type RunningProxy, startProxy } from '../../src/proxy/proxy.js';

export interface TestProxy extends RunningProxy, Disposable {
  readonly address: string;
  /** How often a fault has hit since the proxy started. */
  hitsOf(id: string): number;
}

/** Its clock begins at 0, when it starts. */
export async function startTestProxy(
  upstream: string,
  options: Partial<ProxyOptions> = {},
): Promise<TestProxy> {
  const [host = '', port] = upstream.split(':');
  const zeroNs = monotonicNowNs();
  const proxy = await startProxy({
    host: '127.0.0.1',
    port: 0,
    upstream: { host, port: Number(port) },
    now: () => monotonicNowNs() - zeroNs,
    ...options,
  });
  const hits = new Map<string, number>();
  return {
    ...proxy,
    get heldBytes() {
      return proxy.heldBytes;
    },
    get connectionCount() {
      return proxy.connectionCount;
    },
    get unacknowledgedSettings() {
      return proxy.unacknowledgedSettings;
    },
    address: `127.0.0.1:${proxy.port}`,
    hitsOf(id) {
      for (const [fault, { hit }] of Object.entries(proxy.faults.takeCounts())) {
        hits.set(fault, (hits.get(fault) ?? 0) + hit);
      }
      return hits.get(id) ?? 0;
    },
    [Symbol.dispose]: () => proxy.close(),
  };
}
