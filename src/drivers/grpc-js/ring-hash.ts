/**
 * `ring_hash` (gRFC A42) of @grpc/grpc-js-xds, where that is installed.
 *
 * There the hash of a call comes from xDS, and a pick without one throws. So it stands below a policy
 * that gives each call one: of the value that the call sends under a metadata key, as gRFC A76 has it
 * (`request_hash_header`), or at random where the call sends none or no key is named.
 */
import { createRequire } from 'node:module';
import { experimental, type Metadata } from '@grpc/grpc-js';
import { hashName, hashNumbers, type Rng } from '../../base/rng.js';
import { balancingContextOf } from './balancing-context.js';
import type { PolicyAround } from './policy-around.js';

export const RING_HASH = 'ring_hash';
/** Name under which the policy above it stands in a service config. */
export const KEYED_RING = 'squall_ring_hash';

const PACKAGE = '@grpc/grpc-js-xds';
const requireHere = createRequire(import.meta.url);

/** Why it cannot be used; undefined: it can. */
export function ringHashMistake(): string | undefined {
  try {
    requireHere.resolve(PACKAGE);
    return undefined;
  } catch {
    return `ring_hash is part of ${PACKAGE}, which is not installed`;
  }
}

interface KeyedRingJson {
  readonly min_ring_size?: number;
  readonly max_ring_size?: number;
  readonly request_hash_header?: string;
}

export const keyedRing: PolicyAround<KeyedRingJson, { readonly header: string | undefined }> = {
  name: KEYED_RING,
  /** @throws Error of grpc-js-xds's parser, or of node where it is not installed. */
  parse({ request_hash_header: header, ...sizes }) {
    if (!experimental.isLoadBalancerNameRegistered(RING_HASH)) {
      const { register } = requireHere(PACKAGE) as { register(): void };
      register();
    }
    if (header !== undefined && typeof header !== 'string') {
      throw new Error('ring_hash config field request_hash_header must be text');
    }
    const child = experimental.parseLoadBalancingConfig({ [RING_HASH]: sizes });
    return { child, options: { header } };
  },
  write: ({ child, options: { header } }) => ({
    ...child.toJsonObject(),
    request_hash_header: header,
  }),
  create(helper) {
    let hashOf: (metadata: Metadata) => string = () => '0';
    return {
      changes: {
        updateState(state, picker, error) {
          const keyed = {
            pick: ({ metadata, extraPickInfo }: experimental.PickArgs) => {
              const info = { ...extraPickInfo, hash: hashOf(metadata) };
              return picker.pick({ metadata, extraPickInfo: info });
            },
          };
          helper.updateState(state, keyed, error);
        },
      },
      configured({ header }, channel) {
        hashOf = hasher(header, balancingContextOf(channel).random);
      },
    };
  },
};

/** 64 bits in decimal, as grpc-js-xds wants them. */
function hasher(header: string | undefined, random: Rng): (metadata: Metadata) => string {
  const of = (high: number, low: number) => String((BigInt(high) << 32n) | BigInt(low));
  return (metadata) => {
    const value = header === undefined ? undefined : metadata.get(header)[0];
    if (value === undefined) return of((random() * 2 ** 32) >>> 0, (random() * 2 ** 32) >>> 0);
    const hash = hashName(value.toString());
    return of(hashNumbers(hash, 1), hashNumbers(hash, 2));
  };
}
