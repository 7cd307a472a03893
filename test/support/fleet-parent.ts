/**
 * A program that starts a fleet, writes its pids to stdout as JSON and waits to be killed: the
 * parent in the test of what a killed conductor leaves behind.
 */
import { startTestFleet } from './fleet.js';

const fleet = await startTestFleet({
  specs: [
    { name: 'b0', port: 0 },
    { name: 'b1', port: 0 },
  ],
});
process.stdout.write(`${JSON.stringify(fleet.backends.map(({ pid }) => pid))}\n`);
