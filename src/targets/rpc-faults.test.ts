/** The suite of faults on calls, put into both servers. */
import assert from 'node:assert/strict';
import { beginNow, startTestHost } from '../../test/support/fleet.js';
import { rpcFaultCases } from './rpc-faults.case.js';
import { SERVER_KINDS } from './spec.js';

for (const server of SERVER_KINDS) {
  rpcFaultCases(server, async (faults) => {
    const fleet = await startTestHost({ server, faults, intervalNs: 20e6 });
    beginNow(fleet);
    return {
      address: fleet.address,
      hitsOf: (id) => fleet.totals().faults[id]?.hit ?? 0,
      async [Symbol.asyncDispose]() {
        // It counts what it answered: what a client makes of that is not its own.
        const { answeredByCode } = fleet.totals();
        await fleet[Symbol.asyncDispose]();
        assert.equal(answeredByCode.RESOURCE_EXHAUSTED, undefined);
        assert.equal(answeredByCode.INTERNAL, undefined);
      },
    };
  });
}
