/** Our two drivers, as a scenario would run them on one worker thread. */
import { runLoop } from '../loop-cost.js';
import type { Peer } from './peer.js';

/** Calls always open and connections: the best of 1, 2 and 4 connections of 200 to 3,000 calls. */
const WIRE = { inFlight: 2_000, client: { driver: 'wire', channels: 2 } };
/** More calls or connections only lengthen grpc-js's queues. */
const GRPC_JS = { inFlight: 100, client: { driver: 'grpc-js', channels: 2 } };

export const squallWire: Peer = {
  name: 'squall wire',
  settings: `1 thread, ${WIRE.client.channels} connections, ${WIRE.inFlight} calls open`,
  run: ({ address, seconds }) => runLoop('squall-side', { address, seconds, ...WIRE }),
};

export const squallGrpcJs: Peer = {
  name: 'squall grpc-js',
  settings: `1 thread, ${GRPC_JS.client.channels} connections, ${GRPC_JS.inFlight} calls open`,
  run: ({ address, seconds }) => runLoop('squall-side', { address, seconds, ...GRPC_JS }),
};
