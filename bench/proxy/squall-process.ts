/** The process of our proxy: given the server's `host:port`, it tells its own port, and ends on SIGTERM. */
import { startProxy } from '../../src/proxy/proxy.js';

const [, host = '127.0.0.1', port = ''] = /^(.*):(\d+)$/.exec(process.argv[2] ?? '') ?? [];
const proxy = await startProxy({
  host: '127.0.0.1',
  port: 0,
  upstream: { host, port: Number(port) },
});
process.once('SIGTERM', () => {
  proxy.close();
  // A profile is written at the end of the process.
  process.exit(0);
});
// Who started it is gone: nobody else would end it.
process.once('disconnect', () => process.exit(0));
process.send?.(proxy.port);
