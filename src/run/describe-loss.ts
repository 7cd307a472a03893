/**
 * Lost connections of a worker, in a sentence: what comes in is an address, what goes out names the backend,
 * and tells a connection that was lost from one that was never made.
 */
import { timesOf } from '../metrics/figures.js';
import type { WorkerLoss } from '../workers/protocol.js';

interface Known {
  readonly name: string;
  readonly address: string;
}

/** How Node's errors of connecting begin: the system call that failed. */
const CONNECTING = /^connect E/;

/**
 * `worker 0 lost its connection to b0: the peer closed the connection`,
 * `worker 0 could not connect to b0, 15 times: connect ECONNREFUSED`
 *
 * @param backends as clients know them; an address of none of them is told as it is.
 */
export function describeLoss(
  worker: number,
  { address, reason, count }: Omit<WorkerLoss, 'atNs'>,
  backends: readonly Known[],
): string {
  const sharing = backends.filter((one) => one.address === address);
  // A proxy that balances has one address for all of them.
  const peer = sharing.length === 1 && sharing[0] !== undefined ? sharing[0].name : address;
  if (CONNECTING.test(reason)) {
    const often = count === 1 ? '' : `, ${timesOf(count)}`;
    return `worker ${worker} could not connect to ${peer}${often}: ${reason}`;
  }
  const what = count === 1 ? 'its connection' : `${count} connections`;
  return `worker ${worker} lost ${what} to ${peer}: ${reason}`;
}
