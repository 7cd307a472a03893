/**
 * The process of one backend: what `fleet.ts` forks. It does as the conductor says over its IPC
 * channel, and ends when the channel closes, so that a killed conductor leaves nothing behind.
 */
import type { FromTarget, TargetConfig, ToTarget } from './protocol.js';
import { BindError } from './server.js';
import { removeSocket } from './socket-folder.js';
import { startTarget, type Target } from './target-server.js';

let target: Target | undefined;

/** With a callback, a channel that closes meanwhile is its argument and not an uncaught error. */
function post(message: FromTarget, sent: () => void = () => {}): void {
  if (process.connected) process.send?.(message, sent);
}

async function configure(config: TargetConfig): Promise<void> {
  const { socketPath } = config;
  if (socketPath !== undefined) process.once('exit', () => removeSocket(socketPath));
  try {
    target = await startTarget(config, {
      snapshot: (snapshot) => post({ type: 'snapshot', snapshot }),
      event: (event) => post({ type: 'event', event }),
      log: (calls) => post({ type: 'log', calls }),
    });
    post({ type: 'ready', port: target.port });
  } catch (error) {
    // Anything else is a bug: uncaught, it ends the process, and its stack is on stderr.
    if (!(error instanceof BindError)) throw error;
    post({ type: 'bind-failed', reason: error.message });
  }
}

function stop(): void {
  target?.stop();
  // Only when the message has left: a process that exits drops what it has not sent.
  post({ type: 'stopped' }, () => process.exit(0));
}

process.on('message', (message: ToTarget) => {
  switch (message.type) {
    case 'configure':
      void configure(message.config);
      break;
    case 'begin':
      target?.begin(message.zeroNs, message.fromNs, message.peers);
      break;
    case 'drain':
      void target?.drain(message.graceNs).then(stop);
      break;
    case 'stop':
      stop();
      break;
  }
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches every process of the group; the conductor decides when a backend stops.
process.on('SIGINT', () => {});
