/** The suite of faults on frames, gRPC's C core (by Python), where it is installed. */
import { test } from 'node:test';
import { grpcPython } from '../../test/support/foreign-servers.js';
import { startPythonClient } from '../../test/support/python-client.js';
import { frameFaultCases } from './h2-faults.case.js';

if (grpcPython === undefined) {
  test('faults on frames, core', { skip: 'needs python3-grpcio' });
} else {
  frameFaultCases('core', async (address) => {
    const client = startPythonClient(address, { 'grpc.enable_retries': 1 });
    return {
      say: async (metadata, deadlineMs) =>
        (await client.say(metadata, deadlineMs))?.status ?? 'the client dies',
      [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
    };
  });
}
