/**
 * One entry of the `load:` part of a scenario: the keys that every load has, and its call's own.
 */
import { z } from 'zod';
import { arrivalSchema } from '../arrivals/index.js';
import { entryOf } from '../base/catalogue.js';
import { namingKnownKeys } from '../base/known-keys.js';
import { positiveDuration } from '../base/units.js';
import type { AnyCallKind } from '../calls/call.js';
import { calls } from '../calls/index.js';
import type { LoadSpec } from './spec.js';

const IN_FLIGHT_MAX = 10_000;

const common = {
  name: z
    .string()
    .regex(/^[\w.-]+$/, 'a name of letters, digits, ".", "-" and "_"')
    .optional(),
  arrivals: arrivalSchema.optional(),
  /** So many always open: short for `arrivals: { closed: n }`. */
  streams: z.int().min(1).max(1_000_000).optional(),
  /** Most calls open at once; what is due beyond it is missed. */
  maxInFlight: z.int().min(1).max(1_000_000).default(IN_FLIGHT_MAX),
  /** Overrides the client's. */
  deadline: positiveDuration().optional(),
};

const COMMON_KEYS: ReadonlySet<string> = new Set(['call', ...Object.keys(common)]);

type LoadEntry = z.output<z.ZodObject<typeof common>> & { readonly call: string };

const kinds = Object.keys(calls);

/** Takes an entry apart by its `call` and hands it to that kind's schema, so that mistakes are named in its words. */
const loadEntry = z
  .looseObject({ call: z.enum(kinds, { error: `expected one of: ${kinds.join(', ')}` }) })
  .transform((entry, context): LoadEntry => {
    const { schema, contradiction } = entryOf<AnyCallKind>(calls, entry.call);
    const parsed = schema.extend({ ...common, call: z.string() }).safeParse(entry, {
      error: namingKnownKeys,
    });
    if (parsed.success) {
      const wrong = contradiction?.(parsed.data);
      if (wrong === undefined) return parsed.data as LoadEntry;
      context.addIssue({ code: 'custom', path: [wrong.option], message: wrong.message });
      return z.NEVER;
    }
    for (const issue of parsed.error.issues) {
      context.issues.push({ ...issue, input: entry } as (typeof context.issues)[number]);
    }
    return z.NEVER;
  })
  .refine((load) => (load.arrivals === undefined) !== (load.streams === undefined), {
    message:
      'a load has either arrivals (when calls are due) or streams (so many always open), not both',
    path: ['arrivals'],
  });

/**
 * A load, resolved once the client is known; an unnamed one is named after its kind of call. A request
 * takes the client's deadline unless it has one of its own; a long-lived stream only has its own.
 */
export const loadSchema = loadEntry.transform(
  (load) =>
    (clientDeadlineNs: number | undefined): LoadSpec => {
      const { call, name, arrivals, streams, maxInFlight, deadline } = load;
      const { longLived } = entryOf<AnyCallKind>(calls, call);
      const deadlineNs = deadline ?? (longLived ? undefined : clientDeadlineNs);
      const own = Object.entries(load).filter(([key]) => !COMMON_KEYS.has(key));
      return {
        name: name ?? call,
        call: { kind: call, options: Object.fromEntries(own) },
        arrivals: arrivals ?? { kind: 'closed', options: streams },
        inFlightMax: maxInFlight,
        ...(deadlineNs === undefined ? {} : { deadlineNs }),
      };
    },
);
