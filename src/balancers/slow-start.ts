/**
 * `slow-start`: an endpoint that has just become ready takes a part of what it would get, and ever more
 * of it as it warms up.
 *
 * After t of its `window` an endpoint's share is max(from, t / window). Another balancer picks; what it
 * picks takes the attempt with the probability share / largest share of all, else the other balancer
 * picks again among the rest. So where all are new none is spared: there is nobody to take their part.
 * The form of the ramp is that of Envoy's slow start with an aggression of 1, and its default of 10 %.
 *
 * The window begins with the first pick that finds the endpoint ready, and anew when it has been away:
 * after a restart, but after a connection that was merely renewed, too, if a pick came between.
 */
import { z } from 'zod';
import { positiveDuration, positiveShare } from '../base/units.js';
import { defineBalancer, type Endpoint, type Endpoints } from './balancer.js';
import { createInner, inner, innerSees } from './inner.js';

export const slowStart = defineBalancer({
  kind: 'slow-start',
  summary: 'What has just become ready gets its part bit by bit, over a window.',
  schema: z.strictObject({
    /** How long an endpoint that is new is spared. */
    window: positiveDuration(),
    /** Share of its attempts that it gets at first. */
    from: positiveShare().default(0.1),
    child: inner('a balancer that starts slowly'),
  }),
  sees: ({ child }) => innerSees(child),
  create({ window: windowNs, from, child }, context) {
    const picker = createInner(child, context);
    /** When each endpoint that is ready was first seen so. */
    let sinceNs = new Map<Endpoint, number>();
    /** When all of them have warmed up, as far as is known. */
    let warmNs = 0;
    /** Endpoint lists are made anew when they change. */
    let seen: Endpoints | undefined;

    const see = (endpoints: Endpoints, nowNs: number) => {
      seen = endpoints;
      sinceNs = new Map(endpoints.ready.map((one) => [one, sinceNs.get(one) ?? nowNs]));
      warmNs = Math.max(...sinceNs.values()) + windowNs;
    };
    const shareOf = (endpoint: Endpoint, nowNs: number) =>
      Math.min(1, Math.max(from, (nowNs - (sinceNs.get(endpoint) ?? nowNs)) / windowNs));

    return {
      pick<E extends Endpoint>(endpoints: Endpoints<E>): E {
        const nowNs = context.now();
        if (endpoints !== seen) see(endpoints, nowNs);
        if (nowNs >= warmNs) return picker.pick(endpoints);
        const largest = Math.max(...endpoints.ready.map((one) => shareOf(one, nowNs)));
        let left = endpoints;
        for (;;) {
          const picked = picker.pick(left);
          const isLast = left.ready.length === 1;
          if (isLast || context.random() * largest < shareOf(picked, nowNs)) return picked;
          left = { ...left, ready: left.ready.filter((one) => one !== picked) };
        }
      },
      ...(picker.ended === undefined ? {} : { ended: picker.ended }),
    };
  },
});
