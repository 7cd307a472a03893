/**
 * The process of a proxy: what `proxied-fleet.ts` forks. It does as the conductor says over its IPC
 * channel, and ends when the channel closes, so that a killed conductor leaves nothing behind.
 */
import { type HostedProxy, ProxyFailure, type ProxyReporter } from './hosted-proxy.js';
import type { FromProxy, ProxyConfig, ToProxy } from './protocol.js';

let proxy: HostedProxy | undefined;

/** With a callback, a channel that closes meanwhile is its argument and not an uncaught error. */
function post(message: FromProxy, sent: () => void = () => {}): void {
  if (process.connected) process.send?.(message, sent);
}

const REPORTER: ProxyReporter = {
  snapshot: (snapshot) => post({ type: 'snapshot', snapshot }),
  event: (event) => post({ type: 'event', event }),
  lost: (reason) => post({ type: 'lost', reason }),
};

/** Loads what is asked for and no more: a program's host needs nothing of our proxy. */
async function host(config: ProxyConfig): Promise<HostedProxy> {
  const { program, tls } = config.spec;
  if (tls === 'pass-through') {
    const { hostOctets } = await import('./octets-host.js');
    return hostOctets(config, REPORTER);
  }
  if (program === undefined) {
    const { hostRelay } = await import('./relay-host.js');
    return hostRelay(config, REPORTER);
  }
  const { hostProgram } = await import('./program-host.js');
  return hostProgram(program, config, REPORTER);
}

async function configure(config: ProxyConfig): Promise<void> {
  try {
    proxy = await host(config);
    post({ type: 'ready', ports: proxy.ports });
  } catch (error) {
    // Anything else is a bug: uncaught, it ends the process, and its stack is on stderr.
    if (!(error instanceof ProxyFailure)) throw error;
    post({ type: 'failed', reason: error.message });
  }
}

async function stop(): Promise<void> {
  await proxy?.stop();
  // Only when the message has left: a process that exits drops what it has not sent.
  post({ type: 'stopped' }, () => process.exit(0));
}

process.on('message', (message: ToProxy) => {
  switch (message.type) {
    case 'configure':
      void configure(message.config);
      break;
    case 'begin':
      proxy?.begin(message.zeroNs);
      break;
    case 'stop':
      void stop();
      break;
  }
});
process.on('disconnect', () => process.exit(0));
// With its exit goes a program that it has started, which a signal alone would leave behind.
process.on('SIGTERM', () => process.exit(0));
// Ctrl-C reaches every process of the group; the conductor decides when a proxy stops.
process.on('SIGINT', () => {});
