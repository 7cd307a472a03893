/**
 * The `proxy:` part of a scenario: what stands between the load and the backends.
 *
 * Without `balance` there is a listener for each backend, so that clients balance as if nobody stood
 * there. With it there is one for all of them, and the proxy spreads the calls.
 */
import { z } from 'zod';
import { BALANCE_POLICIES, type BalancePolicy } from './balancer.js';

/** Proxies that others wrote, started where they are installed; they always balance. */
export const PROXY_PROGRAMS = ['nginx', 'haproxy'] as const;
export type ProxyProgram = (typeof PROXY_PROGRAMS)[number];

/** A proxy as it stands in a plan. */
export type ProxySpec =
  | { readonly program?: undefined; readonly balance?: BalancePolicy }
  | { readonly program: ProxyProgram; readonly balance: BalancePolicy };

export const proxySchema = z
  .strictObject({
    program: z.enum(PROXY_PROGRAMS).optional(),
    balance: z.enum(BALANCE_POLICIES).optional(),
  })
  .transform(({ program, balance }): ProxySpec => {
    if (program !== undefined) return { program, balance: balance ?? 'round_robin' };
    return balance === undefined ? {} : { balance };
  });

/** What clients call the one address of a proxy that balances. */
export const PROXY_NAME = 'proxy';
