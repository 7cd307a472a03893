/**
 * `waitForReady` of a service config, by method: grpc-js reads it and does nothing, so that the driver of grpc-js
 * sets it call by call.
 */
import { methodConfigsOf } from './method-configs.js';

/** @param method `/chat.ChatService/Say` */
export type WaitsForReady = (method: string) => boolean;

/**
 * Of what matches a method the closest counts, as gRPC chooses a method config: for the method, for its service,
 * for everything.
 * @returns undefined when no call waits, so that nobody has to ask.
 */
export function waitForReadyOf(
  serviceConfig: Readonly<Record<string, unknown>>,
): WaitsForReady | undefined {
  const methodConfig = methodConfigsOf(serviceConfig);
  if (!methodConfig.some(({ waitForReady }) => waitForReady)) return undefined;
  const byName = new Map<string, boolean>();
  for (const { name = [], waitForReady = false } of methodConfig) {
    for (const { service = '', method = '' } of name) {
      const key = `/${service}/${method}`;
      // Of two for one name gRPC takes the first.
      if (!byName.has(key)) byName.set(key, waitForReady);
    }
  }
  return (method) => {
    const known = byName.get(method);
    if (known !== undefined) return known;
    const service = method.slice(0, method.lastIndexOf('/') + 1);
    const waits = byName.get(service) ?? byName.get('//') ?? false;
    byName.set(method, waits);
    return waits;
  };
}
