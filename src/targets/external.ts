/**
 * Targets that somebody else started: `external: [127.0.0.1:50051, { name: east, address: … }]`, in
 * cleartext or, with `tls: true`, over TLS.
 */
import { z } from 'zod';

/** `host:port`, `[::1]:port` or `unix:/path`. */
const ADDRESS = /^(unix:\/.+|[^\s:/[\]]+:\d{1,5}|\[[0-9a-fA-F:.]+\]:\d{1,5})$/;

const address = z
  .string()
  .regex(ADDRESS, 'an address is host:port, [ipv6]:port or unix:/path')
  .refine((text) => text.startsWith('unix:') || Number(text.split(':').at(-1)) <= 65_535, {
    message: 'a port is at most 65535',
  });

/** A target of another's. */
export interface ExternalTarget {
  readonly name: string;
  readonly address: string;
}

const named = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]+$/, 'a name of letters, digits, ".", "-" and "_"')
    .optional(),
  address,
});

/** One that is not given a name has its address for one. */
const target = z
  .any()
  .transform((value: unknown) =>
    typeof value === 'string' ? { address: value } : (value as object),
  )
  .pipe(named);

export const externalTargets = z
  .array(target)
  .min(1, 'at least one address is needed')
  .max(64)
  .transform((targets): ExternalTarget[] =>
    targets.map((one) => ({ name: one.name ?? one.address, address: one.address })),
  );

/** Keys of `targets:` beside `external:` that have no meaning with it: all but `tls: true`. */
export function keysBesideExternal(targets: unknown): string[] {
  if (typeof targets !== 'object' || targets === null || !('external' in targets)) return [];
  return Object.entries(targets).flatMap(([key, value]) =>
    key === 'external' || (key === 'tls' && value === true) ? [] : [key],
  );
}

/** The host of an address; undefined of a unix socket. */
export function hostOfExternal(address: string): string | undefined {
  if (address.startsWith('unix:')) return undefined;
  return address.slice(0, address.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
}
