/**
 * A program that starts a fleet, writes its pids and its sockets' folder to stdout as JSON and waits
 * to be killed: the parent in the test of what a killed conductor leaves behind. One of its backends is
 * paused by then.
 */
import { dirname } from 'node:path';
import { beginNow, faultWindow, startTestFleet } from './fleet.js';
import { until } from './until.js';

const fleet = await startTestFleet({
  specs: [
    { name: 'b0', port: 0, socket: 'unix' },
    { name: 'b1', port: 0, socket: 'unix', server: 'wire' },
  ],
  faults: [faultWindow('proc-pause', {}, { backends: ['b1'] })],
});
beginNow(fleet);
await until('the pause', () => fleet.events('process.paused').length > 0);
const pids = fleet.backends.map(({ pid }) => pid);
const folder = dirname(fleet.address.slice('unix:'.length));
process.stdout.write(`${JSON.stringify({ pids, folder })}\n`);
