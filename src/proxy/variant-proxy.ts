/**
 * The proxy of a variant, as the conductor has it: a process of its own between the load and the
 * backends, and what it reports written to the run's record.
 */
import { fileURLToPath } from 'node:url';
import { monotonicNowNs } from '../base/clock.js';
import { RunError } from '../base/errors.js';
import type { ClientTls } from '../drivers/spec.js';
import { wireAddresses } from '../drivers/wire/wire-address.js';
import type { FaultWindow } from '../faults/fault.js';
import type { RecordSink } from '../metrics/record.js';
import type { ServerTls } from '../targets/fleet-tls.js';
import { ForkedProcess } from '../targets/forked-process.js';
import { SERVER_HOST } from '../targets/server.js';
import type { FromProxy, ProxyConfig, ToProxy } from './protocol.js';
import { PROXY_NAME, type ProxySpec } from './spec.js';

const ENTRY = fileURLToPath(new URL('./proxy-process.js', import.meta.url));

/** A name, and the address by which it is reached. */
export interface Endpoint {
  readonly name: string;
  readonly address: string;
}

export interface VariantProxyOptions {
  readonly spec: ProxySpec;
  /** What stands behind it, in the order of the plan. */
  readonly backends: readonly Endpoint[];
  /** Between it and its clients, and between it and the backends; absent: cleartext. */
  readonly certificate?: ServerTls | undefined;
  readonly upstreamTls?: ClientTls | undefined;
  /** Name of the variant, for the record. */
  readonly variant: string;
  readonly seed: number;
  /** Those that act in it. */
  readonly faults: readonly FaultWindow[];
  readonly intervalNs: number;
  readonly sink: RecordSink;
  /** It died without being told to; called once, and never after `stop`. */
  readonly onLost: (reason: string) => void;
}

export interface VariantProxy extends AsyncDisposable {
  readonly pid: number;
  /** What clients connect to: one for each backend, with its name, or one for all, `proxy`. */
  readonly endpoints: readonly Endpoint[];
  /** Starts the load clock. Called once. */
  begin(zeroNs: number): void;
  /** Writes the final report to the sink and ends it. Idempotent. */
  stop(): Promise<void>;
}

class ProxyProcess extends ForkedProcess<ToProxy, FromProxy> {
  constructor(onMessage: (message: FromProxy) => void) {
    super({ title: 'the proxy', entry: ENTRY, onMessage });
  }

  /** @returns its ports. @throws RunError when it does not come up. */
  async listen(config: ProxyConfig): Promise<readonly number[]> {
    const first = await this.ask({ type: 'configure', config });
    if (first.type === 'ready') return first.ports;
    const why = first.type === 'failed' ? first.reason : `it answered "${first.type}"`;
    throw new RunError(`the proxy cannot be started: ${why}`);
  }

  stop(): Promise<void> {
    return this.finish({ type: 'stop' });
  }
}

/** Starts it and waits until it listens. @throws RunError when it does not. */
export async function startVariantProxy(options: VariantProxyOptions): Promise<VariantProxy> {
  const { spec, backends, variant, seed, faults, intervalNs, sink } = options;
  const { certificate, upstreamTls } = options;
  const clock = { zeroNs: undefined as number | undefined };
  let isLost = false;
  let stopped: Promise<void> | undefined;
  const lose = (reason: string) => {
    if (isLost || stopped !== undefined) return;
    isLost = true;
    const atNs = clock.zeroNs === undefined ? 0 : monotonicNowNs() - clock.zeroNs;
    const detail = `the proxy ${reason}`;
    sink.write({ type: 'event', variant, atNs, kind: 'proxy.died', detail, subject: PROXY_NAME });
    options.onLost(reason);
  };
  const process = new ProxyProcess((message) => {
    if (message.type === 'snapshot') sink.write({ type: 'proxy', variant, ...message.snapshot });
    else if (message.type === 'event') sink.write({ type: 'event', variant, ...message.event });
    else if (message.type === 'lost') lose(`was lost: ${message.reason}`);
  });
  let ports: readonly number[];
  try {
    const upstreams = backends.map(({ name, address }) => ({ name, address: placeOf(address) }));
    ports = await process.listen({
      ...{ spec, upstreams, seed, faults, intervalNs },
      ...(certificate === undefined ? {} : { certificate }),
      ...(upstreamTls === undefined ? {} : { upstreamTls }),
    });
  } catch (error) {
    await process.kill();
    throw error;
  }
  void process.gone.then(lose);
  const names = spec.balance === undefined ? backends.map(({ name }) => name) : [PROXY_NAME];
  return {
    pid: process.pid,
    endpoints: names.map((name, index) => ({ name, address: `${SERVER_HOST}:${ports[index]}` })),
    begin(zeroNs) {
      clock.zeroNs = zeroNs;
      process.send({ type: 'begin', zeroNs });
    },
    stop() {
      stopped ??= process.stop();
      return stopped;
    },
    [Symbol.asyncDispose]() {
      stopped ??= process.kill();
      return stopped;
    },
  };
}

function placeOf(address: string) {
  const [place] = wireAddresses([address], undefined);
  return place?.where ?? {};
}
