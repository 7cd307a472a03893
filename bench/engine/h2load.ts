/** h2load (nghttp2): C, one thread, HTTP/2 frames without gRPC's meaning. */
import { measureOf, missingProgram, type Peer, runProgram } from './peer.js';

/**
 * One thread, as the contract of this benchmark says. Four connections of 100 streams were its best of
 * 1, 2, 4 and 8 connections of 10, 50, 100 and 200; more streams only lengthen its queue.
 */
const [CONNECTIONS, STREAMS] = [4, 100];

export const h2load: Peer = {
  name: 'h2load',
  settings: `-t1 -c${CONNECTIONS} -m${STREAMS}, windows 2^30`,
  missing: missingProgram('h2load'),
  async run({ address, method, framedFile, seconds }) {
    const output = await runProgram('h2load', [
      ...['-t', '1', '-c', String(CONNECTIONS), '-m', String(STREAMS), '-w', '30', '-W', '30'],
      ...['-D', String(seconds), '-d', framedFile],
      ...['-H', 'content-type: application/grpc', '-H', 'te: trailers'],
      `http://${address}/${method}`,
    ]);
    const [, succeeded, failed] =
      /requests: .* (\d+) succeeded, (\d+) failed/.exec(output.text) ?? [];
    const [, elapsed] = /^finished in ([\d.]+)s/m.exec(output.text) ?? [];
    if (succeeded === undefined || elapsed === undefined) {
      throw new Error(`h2load's report is not as expected: ${output.text}`);
    }
    return measureOf(Number(succeeded), Number(failed), Number(elapsed), output);
  },
};
