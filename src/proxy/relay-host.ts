/** Our own proxy in its process: its listeners, their faults, and what it counted. */
import { callAt, loadClock } from '../base/clock.js';
import { messageOf } from '../base/errors.js';
import { tlsOptionsOf } from '../drivers/wire/wire-address.js';
import { actsOn } from '../faults/decide.js';
import type { FaultWindow } from '../faults/fault.js';
import { processCpu } from '../targets/process-cpu.js';
import { SERVER_HOST } from '../targets/server.js';
import { postSnapshots } from '../targets/snapshots.js';
import { type HostedProxy, ProxyFailure, type ProxyReporter } from './hosted-proxy.js';
import type { ProxyConfig } from './protocol.js';
import { type ProxyOptions, type RunningProxy, startProxy } from './proxy.js';
import { createProxyCounters } from './proxy-counters.js';
import { PROXY_NAME } from './spec.js';
import { summedFaults } from './summed-faults.js';
import { takingBackends, takingCounts } from './taken-counts.js';

interface Listener {
  /** The backend's that stands behind it, or one for all. */
  readonly name: string;
  readonly upstream: ProxyOptions['upstream'];
}

/** @throws ProxyFailure */
export async function hostRelay(
  config: ProxyConfig,
  reporter: ProxyReporter,
): Promise<HostedProxy> {
  const counters = createProxyCounters();
  const listeners = listenersOf(config);
  const isOneForAll = config.spec.balance !== undefined;
  let now = () => 0;
  const proxies = await startAll(
    listeners.map((listener) => ({
      ...{ host: SERVER_HOST, port: 0, counters, seed: config.seed, ...listener },
      certificate: config.certificate,
      now: () => now(),
      onEvent: reporter.event,
    })),
  );
  const takeCalls = takingCounts(counters);
  const takeBackends = takingBackends(proxies.flatMap(({ upstreams }) => upstreams));
  const takeCounts = () => ({
    ...takeCalls(),
    ...(isOneForAll ? { backends: takeBackends() } : {}),
    faults: takeFaults(),
  });
  const takeCpuNs = processCpu();
  const takeFaults = () => summedFaults(proxies.map(({ faults }) => faults.takeCounts()));
  let stopSnapshots = () => {};
  return {
    ports: proxies.map(({ port }) => port),
    begin(zeroNs) {
      now = loadClock(zeroNs);
      for (const [index, { faults }] of proxies.entries()) {
        const name = listeners[index]?.name ?? '';
        // A listener that stands before all backends plays all that there are.
        const mine = (window: FaultWindow) => isOneForAll || actsOn(window, name);
        for (const window of config.faults.filter(mine)) faults.add(window);
      }
      stopSnapshots = postSnapshots({
        intervalNs: config.intervalNs,
        now,
        callAt: (atNs, fire) => callAt(zeroNs + atNs, fire),
        take: () => ({ counts: takeCounts(), cpuNs: takeCpuNs() }),
        post: ({ counts: taken, ...stretch }) => reporter.snapshot({ ...stretch, ...taken }),
      });
    },
    stop() {
      // First: what a fault counted goes with it.
      stopSnapshots();
      for (const proxy of proxies) proxy.close();
    },
  };
}

function listenersOf({ spec: { balance }, upstreams, upstreamTls }: ProxyConfig): Listener[] {
  // Made once: certificates are not read again for each connection.
  const tls = upstreamTls === undefined ? {} : { tls: tlsOptionsOf(upstreamTls) };
  const places = upstreams.map(({ name, address }) => ({ name, address: { ...address, ...tls } }));
  return balance === undefined
    ? places.map(({ name, address }) => ({ name, upstream: address }))
    : [{ name: PROXY_NAME, upstream: { balance, places } }];
}

async function startAll(all: readonly ProxyOptions[]): Promise<RunningProxy[]> {
  try {
    return await Promise.all(all.map((options) => startProxy(options)));
  } catch (cause) {
    throw new ProxyFailure(messageOf(cause), { cause });
  }
}
