/** Runs the checks of one backend: each looks at the server and has its say on the health board. */
import { entryOf } from '../../base/catalogue.js';
import type { ClientTls } from '../../drivers/spec.js';
import type { HealthBoard } from '../health-board.js';
import { HEALTH_NAMES } from '../health-names.js';
import { watchHealth } from '../health-watcher.js';
import type { AnyHealthCheckKind, CheckedServer, HealthCheckPlan } from './health-check.js';
import { healthChecks } from './index.js';

/** Servers look out for each other more eagerly than clients do, who come in herds. */
const WATCH_OPTIONS = {
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
};

export interface CheckHost extends Pick<CheckedServer, 'now' | 'callAt' | 'waiting'> {
  /** Addresses of all backends, by name. */
  readonly peers: Readonly<Record<string, string>>;
  /** What they serve over; absent: cleartext. */
  readonly tls?: ClientTls | undefined;
}

/**
 * Gives checks their place on the board, where what they find before they have looked counts at once.
 * @returns begins to look; what that returns ends it.
 */
export function createHealthChecks(
  plans: readonly HealthCheckPlan[],
  board: HealthBoard,
): (host: CheckHost) => () => void {
  const checks = plans.map(({ kind, services = HEALTH_NAMES, options }) => {
    const check = entryOf<AnyHealthCheckKind>(healthChecks, kind);
    const find = board.addCheck(services, check.initial);
    return (host: CheckHost) => check.start(options, serverSeenBy(kind, host, find));
  });
  return (host) => {
    const stops = checks.map((start) => start(host));
    return () => {
      for (const stop of stops) stop();
    };
  };
}

function serverSeenBy(
  kind: string,
  { now, callAt, waiting, peers, tls }: CheckHost,
  find: CheckedServer['find'],
): CheckedServer {
  return {
    now,
    callAt,
    waiting,
    watch(backend, service, heard) {
      const address = peers[backend];
      if (address === undefined) throw new Error(`nobody said where backend ${backend} is`);
      return watchHealth({
        address,
        tls,
        services: [service],
        channelOptions: WATCH_OPTIONS,
        onChange: (_service, status) => heard(status),
      });
    },
    find: (finding, why) => find(finding, `${kind}: ${why}`),
  };
}
