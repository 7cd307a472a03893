/**
 * Which connection an attempt goes over: grpc-js does not say, but a subchannel has one at most, and says
 * when it loses it. Numbers are given in the order in which connections are first asked for.
 */
import { connectivityState, type experimental } from '@grpc/grpc-js';

type Subchannel = experimental.SubchannelInterface;

/** By what stands behind wrappers: it may be shared by channels of the thread. */
const currentNumbers = new WeakMap<object, { number: number | undefined }>();
let lastNumber = 0;

/** @returns the number of the connection that a subchannel, which is ready, has now. */
export function connectionNumber(subchannel: Subchannel): number {
  const real = subchannel.getRealSubchannel();
  let current = currentNumbers.get(real);
  if (current === undefined) {
    const known: { number: number | undefined } = { number: undefined };
    real.addConnectivityStateListener((_subchannel, _before, state) => {
      if (state !== connectivityState.READY) known.number = undefined;
    });
    currentNumbers.set(real, known);
    current = known;
  }
  current.number ??= ++lastNumber;
  return current.number;
}
