/** The suite of faults on frames, both drivers. */
import { connectDriver } from '../../test/support/driver-client.js';
import { frameFaultCases } from './h2-faults.case.js';

for (const driver of ['grpc-js', 'wire'] as const) {
  frameFaultCases(driver, async (address) => {
    const client = await connectDriver(address, { driver });
    return {
      say: async (metadata, deadlineMs) => (await client.say(metadata, deadlineMs)).status,
      [Symbol.asyncDispose]: async () => client[Symbol.dispose](),
    };
  });
}
