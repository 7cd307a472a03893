/**
 * `zone-aware`: attempts stay in the client's own zone as long as enough of it can serve, and spill
 * over into the others as it shrinks.
 *
 * With the share r of the zone's endpoints that are ready, and `atLeast` of them needed, a share of
 * min(1, r / atLeast) of the attempts stays: all of them down to that point, and then as many as what
 * is left was to have, so that its endpoints get no more than they would at that point. Envoy's zones
 * spill over alike (its overprovisioning factor of 1.4 is `atLeast: 71%`). Within the zone, and among
 * all others together, another balancer picks.
 */
import { z } from 'zod';
import { positiveShare } from '../base/units.js';
import { defineBalancer, type Endpoint, type Endpoints } from './balancer.js';
import { createInner, inner, innerSees } from './inner.js';

/** The endpoints of a channel, by whether they are in the client's zone. */
interface Split<E extends Endpoint> {
  readonly own: Endpoints<E>;
  readonly others: Endpoints<E>;
}

function split<E extends Endpoint>({ ready, all }: Endpoints<E>, zone: string): Split<E> {
  const isOwn = (endpoint: E) => endpoint.zone === zone;
  const isOther = (endpoint: E) => endpoint.zone !== zone;
  return {
    own: { ready: ready.filter(isOwn), all: all.filter(isOwn) },
    others: { ready: ready.filter(isOther), all: all.filter(isOther) },
  };
}

export const zoneAware = defineBalancer({
  kind: 'zone-aware',
  summary: "The client's own zone first; spills over as less than a share of it can serve.",
  schema: z.strictObject({
    /** Where the client stands: a zone of `targets.backends`. */
    zone: z.string().min(1),
    /** Share of the zone's endpoints that can take all of its attempts. */
    atLeast: positiveShare().default(0.7),
    child: inner('a balancer within a zone'),
  }),
  sees: ({ child }) => ['zone', ...innerSees(child)],
  create({ zone, atLeast, child }, context) {
    const picker = createInner(child, context);
    /** Endpoint lists are made anew when they change, so each is split once. */
    const splits = new WeakMap<Endpoints, Split<Endpoint>>();
    const splitOf = <E extends Endpoint>(endpoints: Endpoints<E>): Split<E> => {
      const known = splits.get(endpoints) as Split<E> | undefined;
      if (known !== undefined) return known;
      const made = split(endpoints, zone);
      splits.set(endpoints, made);
      return made;
    };
    return {
      pick(endpoints) {
        const { own, others } = splitOf(endpoints);
        if (others.ready.length === 0) return picker.pick(own);
        if (own.ready.length === 0) return picker.pick(others);
        const stays = own.ready.length / own.all.length / atLeast;
        return picker.pick(stays >= 1 || context.random() < stays ? own : others);
      },
      ...(picker.ended === undefined ? {} : { ended: picker.ended }),
    };
  },
});
