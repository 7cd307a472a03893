/** The suite of faults on calls, put into a proxy before a server that knows nothing of them. */
import { startTestHost } from '../../test/support/fleet.js';
import { startTestProxy } from '../../test/support/proxy.js';
import { rpcFaultCases } from '../targets/rpc-faults.case.js';

rpcFaultCases('a proxy', async (faults) => {
  const fleet = await startTestHost({ server: 'wire' });
  const proxy = await startTestProxy(fleet.address);
  for (const fault of faults) proxy.faults.add(fault);
  return {
    address: proxy.address,
    hitsOf: (id) => proxy.hitsOf(id),
    async [Symbol.asyncDispose]() {
      proxy.close();
      await fleet[Symbol.asyncDispose]();
    },
  };
});
