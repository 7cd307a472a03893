/** Durations of a service config as grpc-js reads them right. */
import { NS_PER_SECOND } from '../base/clock.js';

/**
 * grpc-js reads the fraction of a timeout's seconds as a number of nanoseconds, so "0.5s" would be
 * 5 ns; with all nine decimals written out it reads them right.
 */
export function serviceConfigDuration(ns: number): string {
  return `${(ns / NS_PER_SECOND).toFixed(9)}s`;
}
