/** With no fault the proxy is not there: the drivers' suites hold through it, word for word. */
import { after } from 'node:test';
import { putInBetween } from '../../test/support/route.js';
import { driverCases } from '../drivers/driver.case.js';
import { connectionCases } from '../drivers/driver-connections.case.js';
import { messageCases } from '../drivers/message.case.js';
import { streamCases } from '../drivers/stream.case.js';
import { type RunningProxy, startProxy } from './proxy.js';

const proxies = new Map<number, Promise<RunningProxy>>();

putInBetween(async (port) => {
  const upstream = { host: '127.0.0.1', port };
  const known = proxies.get(port);
  const proxy = known ?? startProxy({ host: '127.0.0.1', port: 0, upstream });
  proxies.set(port, proxy);
  return `127.0.0.1:${(await proxy).port}`;
});

after(async () => {
  for (const proxy of proxies.values()) (await proxy).close();
});

for (const driver of ['grpc-js', 'wire'] as const) {
  driverCases(driver);
  streamCases(driver);
  messageCases(driver);
  connectionCases(driver);
}
