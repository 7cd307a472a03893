/** The driver that a client spec names. */
import type { Driver } from './driver.js';
import { createGrpcJsDriver } from './grpc-js/grpc-js-driver.js';
import type { ClientSpec } from './spec.js';
import { createWireDriver } from './wire/wire-driver.js';

const DRIVERS = { 'grpc-js': createGrpcJsDriver, wire: createWireDriver } satisfies Record<
  ClientSpec['driver'],
  (addresses: readonly string[], spec: ClientSpec) => Driver
>;

/** @param addresses `host:port` of every backend. */
export function createDriver(addresses: readonly string[], spec: ClientSpec): Driver {
  return DRIVERS[spec.driver](addresses, spec);
}
