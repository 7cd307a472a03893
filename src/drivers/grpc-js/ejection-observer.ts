/**
 * A load balancing policy that balances nothing: it stands between `outlier_detection` and its child, and
 * tells of every backend that is ejected and let back in.
 *
 * grpc-js ejects an endpoint by calling its subchannel unhealthy to whoever is below, and says so to nobody
 * else. What health checking by the client calls unhealthy comes down the same way from further above, and is
 * no ejection.
 */
import { experimental } from '@grpc/grpc-js';
import { type BalancingContext, balancingContextOf } from './balancing-context.js';
import type { PolicyAround } from './policy-around.js';

/** Name under which the policy stands in a service config. */
export const EJECTION_OBSERVER = 'squall_ejections';

/** What outlier_detection hands to the policies below it. */
interface Ejectable extends experimental.SubchannelInterface {
  getWrappedSubchannel(): experimental.SubchannelInterface;
}

interface EjectionObserverJson {
  readonly child_policy: Record<string, object>[];
}

/** Each channel has one. */
let observers = 0;

export const ejectionObserver: PolicyAround<EjectionObserverJson, undefined> = {
  name: EJECTION_OBSERVER,
  parse(json) {
    const child = experimental.selectLbConfigFromList(json.child_policy);
    if (child === null) throw new Error('no policy of the list is known');
    return { child, options: undefined };
  },
  write: ({ child }) => ({ child_policy: [child.toJsonObject()] }),
  create(helper) {
    const channelNumber = observers++;
    /** By address: there is a subchannel for each connection that was ever asked for. */
    const ejected = new Set<string>();
    let context: BalancingContext | undefined;
    const heard = (subchannel: Ejectable, isHealthy: boolean) => {
      const isEjected = !isHealthy && subchannel.getWrappedSubchannel().isHealthy();
      const address = subchannel.getAddress();
      if (isEjected === ejected.has(address)) return;
      if (isEjected) ejected.add(address);
      else ejected.delete(address);
      context?.onEjection(address, { channel: channelNumber, isEjected });
    };
    return {
      changes: {
        createSubchannel(address, options) {
          const subchannel = helper.createSubchannel(address, options) as Ejectable;
          subchannel.addHealthStateWatcher((isHealthy) => heard(subchannel, isHealthy));
          return subchannel;
        },
      },
      configured(_options, channel) {
        context = balancingContextOf(channel);
      },
    };
  },
};
