/**
 * The `targets:` part of a scenario: which servers are started, and how fast they can serve.
 */
import { z } from 'zod';
import { type Distribution, distribution } from '../base/distribution.js';
import { PACINGS, type Pacing } from '../base/due-queue.js';
import { type ChainItem, chainSchema } from '../interceptors/chain-schema.js';
import type { InterceptorSpec } from '../interceptors/interceptor.js';
import { externalTargets, keysBesideExternal } from './external.js';
import type { HealthCheckPlan } from './health-checks/health-check.js';
import { checkMistakes, checksOf, healthSchema } from './health-checks/of-backends.js';
import { type NextSpec, nextSchema } from './next-spec.js';
import { OUTBOX_DEFAULT, type OutboxPolicy, WHEN_FULL } from './outbox.js';
import { keepaliveIssue, type ServerKeepalive, serverKeepaliveSchema } from './server-keepalive.js';
import { limitKeys, limitsOf, type ServerLimits } from './server-limits.js';
import { optionsIssue, type ServerArguments, serverOptionsSchema } from './server-options.js';
import { type TargetTls, targetTlsSchema } from './tls-schema.js';

/** How much a backend can serve: `slots` requests at once, the others wait in order of arrival. */
export interface Capacity {
  readonly slots: number;
  /** How many may wait; one more is refused with RESOURCE_EXHAUSTED. */
  readonly queue: number;
  readonly serviceTime: Distribution;
  /**
   * How the end of a service is waited for: `relaxed` (when absent) answers up to a millisecond or so
   * late, `precise` within microseconds, at the cost of up to a core for each backend.
   */
  readonly pacing?: Pacing | undefined;
  /**
   * What becomes of work that nobody waits for any more, its deadline passed or its client gone:
   * `finish`, which an absent one means too, or `stop`, which frees its slot.
   */
  readonly onExpired?: 'stop' | 'finish' | undefined;
}

/**
 * What serves: `grpc-js` is the server of the gRPC library for Node; `wire` is our own on `src/http2`,
 * an order of magnitude cheaper per call, for loads that the first would limit. Both serve the same,
 * down to health, reflection, faults and counts.
 */
export const SERVER_KINDS = ['grpc-js', 'wire'] as const;
export type ServerKind = (typeof SERVER_KINDS)[number];

/** One backend as it stands in a plan. */
export interface BackendSpec {
  /** `b0`, `b1` … or the name the scenario gave it. */
  readonly name: string;
  /** Port on loopback; 0 lets the system choose a free one. */
  readonly port: number;
  /** `grpc-js` when absent. */
  readonly server?: ServerKind;
  /** Serves over TLS, `true` with a certificate made for the run; absent: cleartext. */
  readonly tls?: true | TargetTls;
  /** Listens on a unix socket instead of a port. */
  readonly socket?: 'unix';
  /** Absent: every request is answered at once. */
  readonly capacity?: Capacity;
  /** What becomes of slow readers of chats; absent: the oldest messages of 1,000 are dropped. */
  readonly outbox?: OutboxPolicy;
  /** What it allows its clients; absent: what servers do by themselves. */
  readonly limits?: ServerLimits;
  /** How it finds out clients that are gone, and what of that it allows them; absent: neither. */
  readonly keepalive?: ServerKeepalive;
  /** Channel arguments of grpc-js's server; absent: none. */
  readonly options?: ServerArguments;
  /** Of replies to clients that read it; absent: none. Only the wire server has it. */
  readonly compression?: 'gzip';
  /** What it looks at to say how it is; absent: it is SERVING, faults aside. */
  readonly healthChecks?: readonly HealthCheckPlan[];
  /** What attempts pass on their way to their handler, in this order; absent: nothing. */
  readonly interceptors?: readonly InterceptorSpec[];
  /** Its address, when somebody else has started it; nothing but its name is said of it then. */
  readonly external?: string;
  /** Where it stands, for faults that act on all backends of a zone. */
  readonly zone?: string;
  /** Whom it calls before it answers; absent: nobody. */
  readonly next?: NextSpec;
}

/** A backend whose chain is not put together yet: it may use chains that stand elsewhere. */
export type WrittenBackend = Omit<BackendSpec, 'interceptors'> & {
  readonly chain?: readonly ChainItem[];
};

/** What waits for a member of a room that does not read, and what becomes of who lets it get full. */
const outbox = z.strictObject({
  messages: z.int().min(1).max(1_000_000).default(OUTBOX_DEFAULT.messages),
  whenFull: z.enum(WHEN_FULL).default(OUTBOX_DEFAULT.whenFull),
});

const capacity = z.strictObject({
  slots: z.int().min(1).max(100_000),
  queue: z.int().min(0).max(1_000_000).default(1_000),
  serviceTime: distribution(),
  pacing: z.enum(PACINGS).optional(),
  onExpired: z.enum(['stop', 'finish']).optional(),
});

const word = z.string().regex(/^[\w.-]+$/, 'a name of letters, digits, ".", "-" and "_"');

const port = z.int().min(0).max(65_535);

interface NamedBackend {
  readonly name: string;
  readonly zone?: string | undefined;
  readonly capacity?: Capacity | undefined;
}

/** Every backend with its name, its zone and its capacity, its own or that of all. */
function namedBackends(
  targets: {
    readonly backends: number | readonly NamedBackend[];
    readonly capacity?: Capacity | undefined;
  },
  prefix: string,
): NamedBackend[] {
  const { backends } = targets;
  const named: readonly NamedBackend[] =
    typeof backends === 'number'
      ? Array.from({ length: backends }, (_, index) => ({ name: `${prefix}${index}` }))
      : backends;
  return named.map(({ capacity: own, ...backend }) => ({
    ...backend,
    capacity: own ?? targets.capacity,
  }));
}

/** Of names that backends of the tier that the client knows are given: `b0`, `b1`. */
const FRONT_PREFIX = 'b';

/**
 * `backends` is a number, or a list that names each and may give it a zone and a capacity of its own.
 * `port` is the first backend's; the next ones follow it.
 * @param prefix of the names of backends that are not named.
 */
export const targetsSchemaOf = (prefix: string) =>
  z
    .strictObject({
      external: externalTargets.optional(),
      backends: z
        .union([
          z.int().min(1).max(64),
          z
            .array(
              z.strictObject({
                name: word,
                zone: word.optional(),
                capacity: capacity.optional(),
              }),
            )
            .min(1)
            .max(64),
        ])
        .default(1),
      server: z.enum(SERVER_KINDS).default('grpc-js'),
      port: port.default(0),
      tls: targetTlsSchema.optional(),
      socket: z.enum(['tcp', 'unix']).default('tcp'),
      capacity: capacity.optional(),
      outbox: outbox.optional(),
      ...limitKeys,
      keepalive: serverKeepaliveSchema.optional(),
      options: serverOptionsSchema.optional(),
      compression: z.enum(['identity', 'gzip']).optional(),
      health: healthSchema.optional(),
      interceptors: chainSchema.optional(),
      /** The tier that a backend calls before it answers. */
      next: nextSchema.optional(),
    })
    .refine(({ socket, port: first }) => socket === 'tcp' || first === 0, {
      message: 'a unix socket has no port: leave it out',
      path: ['port'],
    })
    .superRefine((targets, context) => {
      for (const { path, message, hint } of checkMistakes(
        namedBackends(targets, prefix),
        targets.health?.checks ?? [],
      )) {
        const params = { hint };
        context.addIssue({ code: 'custom', message, path: ['health', 'checks', ...path], params });
      }
    })
    .superRefine(({ server, streamWindow }, context) => {
      if (server === 'wire' || streamWindow === undefined) return;
      const message = 'grpc-js servers have a window of 64 KiB, whatever they are told';
      const params = { hint: 'use server: wire' };
      context.addIssue({ code: 'custom', path: ['streamWindow'], message, params });
    })
    .superRefine(({ server, interceptors = [] }, context) => {
      if (server !== 'wire' || interceptors.length === 0) return;
      const message = 'the wire server has no interceptors: its calls do not pass through grpc-js';
      const params = { hint: 'use server: grpc-js' };
      context.addIssue({ code: 'custom', path: ['interceptors'], message, params });
    })
    .superRefine(({ server, compression, keepalive, options }, context) => {
      for (const issue of [
        keepaliveIssue(server, keepalive),
        optionsIssue(server === 'grpc-js', options),
      ]) {
        if (issue !== undefined) context.addIssue(issue);
      }
      if (server !== 'grpc-js' || compression !== 'gzip') return;
      const message = 'the grpc-js server cannot compress its replies (as of 1.14.7)';
      const params = { hint: 'use server: wire' };
      context.addIssue({ code: 'custom', path: ['compression'], message, params });
    })
    .refine(({ external }) => external === undefined || prefix === FRONT_PREFIX, {
      message: 'only targets that clients call can be external',
      path: ['external'],
    })
    .transform((targets): WrittenBackend[] => {
      if (targets.external !== undefined) {
        const { tls } = targets;
        return targets.external.map(({ name, address }) => ({
          ...{ name, port: 0, external: address },
          ...(tls === undefined ? {} : { tls }),
        }));
      }
      return namedBackends(targets, prefix).map(({ name, zone, capacity: chosen }, index) => {
        const checks = checksOf(name, targets.health?.checks ?? []);
        const limits = limitsOf(targets);
        return {
          name,
          port: targets.port === 0 ? 0 : targets.port + index,
          server: targets.server,
          ...(targets.tls === undefined ? {} : { tls: targets.tls }),
          ...(targets.socket === 'unix' ? { socket: 'unix' } : {}),
          ...(chosen === undefined ? {} : { capacity: chosen }),
          ...(limits === undefined ? {} : { limits }),
          ...(targets.keepalive === undefined ? {} : { keepalive: targets.keepalive }),
          ...(targets.options === undefined ? {} : { options: targets.options }),
          ...(targets.compression === 'gzip' ? { compression: 'gzip' } : {}),
          ...(targets.outbox === undefined ? {} : { outbox: targets.outbox }),
          ...(checks.length === 0 ? {} : { healthChecks: checks }),
          ...(targets.interceptors === undefined ? {} : { chain: targets.interceptors }),
          ...(zone === undefined ? {} : { zone }),
          ...(targets.next === undefined ? {} : { next: targets.next }),
        };
      });
    })
    .refine((specs) => new Set(specs.map((spec) => spec.name)).size === specs.length, {
      message: 'two backends have the same name',
      path: ['backends'],
    });

/** The tier that the client knows. Of targets that are not ours to start nothing else can be said. */
export const targetsSchema = z
  .any()
  .superRefine((targets: unknown, context) => {
    for (const key of keysBesideExternal(targets)) {
      const message = 'external targets are as they are: only their addresses can be given';
      const hint = key === 'tls' ? 'tls: true, and client.tls says whom to trust' : undefined;
      const params = hint === undefined ? {} : { params: { hint } };
      context.addIssue({ code: 'custom', path: [key], message, ...params });
    }
  })
  .pipe(targetsSchemaOf(FRONT_PREFIX));
