/** The driver that a client spec names. */
import { createRng } from '../base/rng.js';
import type { Driver, DriverContext } from './driver.js';
import { createGrpcJsDriver } from './grpc-js/grpc-js-driver.js';
import type { ClientSpec } from './spec.js';
import { createWireDriver } from './wire/wire-driver.js';

const DRIVERS = { 'grpc-js': createGrpcJsDriver, wire: createWireDriver } satisfies Record<
  ClientSpec['driver'],
  (addresses: readonly string[], spec: ClientSpec, context: DriverContext) => Driver
>;

/** @param addresses `host:port` of every backend. */
export function createDriver(
  addresses: readonly string[],
  spec: ClientSpec,
  {
    random = createRng(1, 'connections'),
    onConnectionLost = () => {},
    interceptors = [],
    ...rest
  }: Partial<DriverContext> = {},
): Driver {
  return DRIVERS[spec.driver](addresses, spec, { random, onConnectionLost, interceptors, ...rest });
}
