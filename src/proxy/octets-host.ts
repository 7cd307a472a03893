/** Our proxy in its process where it passes octets through: what it counts is connections. */
import { callAt, loadClock } from '../base/clock.js';
import { messageOf } from '../base/errors.js';
import { actsOn } from '../faults/decide.js';
import { processCpu } from '../targets/process-cpu.js';
import { SERVER_HOST } from '../targets/server.js';
import { postSnapshots } from '../targets/snapshots.js';
import { type HostedProxy, ProxyFailure, type ProxyReporter } from './hosted-proxy.js';
import { type RunningPassThrough, startPassThrough } from './pass-through.js';
import type { ProxyConfig } from './protocol.js';
import { summedFaults } from './summed-faults.js';

/** @throws ProxyFailure */
export async function hostOctets(
  { upstreams, seed, faults, intervalNs }: ProxyConfig,
  reporter: ProxyReporter,
): Promise<HostedProxy> {
  let now = () => 0;
  const common = { host: SERVER_HOST, port: 0, seed, now: () => now(), onEvent: reporter.event };
  let all: readonly RunningPassThrough[];
  try {
    all = await Promise.all(
      upstreams.map(({ name, address: upstream }) =>
        startPassThrough({ ...common, name, upstream, onLost() {} }),
      ),
    );
  } catch (cause) {
    throw new ProxyFailure(messageOf(cause), { cause });
  }
  const total = (key: 'connectionsAccepted' | 'upstreamsLost') =>
    all.reduce((sum, { counters }) => sum + counters[key], 0);
  let before = { connectionsAccepted: 0, upstreamsLost: 0 };
  const takeCpuNs = processCpu();
  let stopSnapshots = () => {};
  return {
    ports: all.map(({ port }) => port),
    begin(zeroNs) {
      now = loadClock(zeroNs);
      for (const [index, one] of all.entries()) {
        const name = upstreams[index]?.name ?? '';
        for (const window of faults.filter((fault) => actsOn(fault, name))) one.faults.add(window);
      }
      stopSnapshots = postSnapshots({
        intervalNs,
        now,
        callAt: (atNs, fire) => callAt(zeroNs + atNs, fire),
        take() {
          const counted = {
            connectionsAccepted: total('connectionsAccepted'),
            upstreamsLost: total('upstreamsLost'),
          };
          const last = before;
          before = counted;
          return {
            cpuNs: takeCpuNs(),
            octets: {
              connectionsAccepted: counted.connectionsAccepted - last.connectionsAccepted,
              upstreamsLost: counted.upstreamsLost - last.upstreamsLost,
              faults: summedFaults(all.map((one) => one.faults.takeCounts())),
            },
          };
        },
        post: ({ counts, ...stretch }) => reporter.snapshot({ ...stretch, ...counts }),
      });
    },
    stop() {
      stopSnapshots();
      for (const one of all) one.close();
    },
  };
}
