/** Something to steer that stands still: its clock and its counters are the test's. */
import { createSteering } from '../../src/proxy/control/steering.js';
import { createProxyCounters } from '../../src/proxy/proxy-counters.js';
import { readFault } from '../../src/scenarios/fault-entries.js';
import { createListingBoard } from './listing-board.js';

export function steerNothing(seesCalls = true) {
  const board = createListingBoard();
  const counters = createProxyCounters();
  const clock = { ns: 5e9 };
  const steering = createSteering(
    {
      faults: board,
      counters,
      heldBytes: 7,
      connections: () => [
        { id: 3, peer: '127.0.0.1:9', sinceMs: 1_700_000_000_000, callCount: 2, heldBytes: 7 },
      ],
    },
    { now: () => clock.ns, read: readFault, isCarried: () => true, seesCalls },
  );
  return { steering, board, counters, clock };
}
