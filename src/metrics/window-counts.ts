/** Windows at zero, from what a transport has counted to what stands in the record. */
import type { Waited } from '../base/waiting-time.js';
import type { WindowCounts } from './record.js';

/** As a field of a line; none where the transport cannot tell. */
export function windowCounts(
  waits: { readonly streams: Waited; readonly connections: Waited } | undefined,
): { readonly windows?: WindowCounts } {
  if (waits === undefined) return {};
  const { streams, connections } = waits;
  return {
    windows: {
      streamsStopped: streams.times,
      streamsStoppedNs: streams.ns,
      connectionsStopped: connections.times,
      connectionsStoppedNs: connections.ns,
    },
  };
}
