/**
 * A program that starts a fleet, writes its pids and its sockets' folder to stdout as JSON and waits
 * to be killed: the parent in the test of what a killed conductor leaves behind.
 */
import { dirname } from 'node:path';
import { startTestFleet } from './fleet.js';

const fleet = await startTestFleet({
  specs: [
    { name: 'b0', port: 0, socket: 'unix' },
    { name: 'b1', port: 0, socket: 'unix', server: 'wire' },
  ],
});
const pids = fleet.backends.map(({ pid }) => pid);
const folder = dirname(fleet.address.slice('unix:'.length));
process.stdout.write(`${JSON.stringify({ pids, folder })}\n`);
