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

/**
 * Where TLS ends and begins: `terminate`, of clients, before targets in cleartext; `originate`, to the
 * targets, for clients in cleartext; `both`; `pass-through`: neither, its octets go on as they come.
 */
export const PROXY_TLS = ['terminate', 'originate', 'both', 'pass-through'] as const;
export type ProxyTls = (typeof PROXY_TLS)[number];

/** A proxy as it stands in a plan. */
export type ProxySpec =
  | {
      readonly program?: undefined;
      readonly balance?: BalancePolicy;
      /** Absent: as the targets serve, on both sides. */
      readonly tls?: ProxyTls;
    }
  | {
      readonly program: ProxyProgram;
      readonly balance: BalancePolicy;
      readonly tls?: undefined;
    };

export const proxySchema = z
  .strictObject({
    program: z.enum(PROXY_PROGRAMS).optional(),
    balance: z.enum(BALANCE_POLICIES).optional(),
    tls: z.enum(PROXY_TLS).optional(),
  })
  .superRefine(({ program, balance, tls }, context) => {
    const refuse = (message: string, hint: string) =>
      context.addIssue({ code: 'custom', path: ['tls'], message, params: { hint } });
    if (tls === undefined) return;
    if (program !== undefined) {
      refuse(`${program} is started in cleartext on both sides`, 'leave "program" out, or this');
    } else if (tls === 'pass-through' && balance !== undefined) {
      refuse('octets that pass through are no calls that could be spread', 'leave "balance" out');
    }
  })
  .transform(({ program, balance, tls }): ProxySpec => {
    if (program !== undefined) return { program, balance: balance ?? 'round_robin' };
    return {
      ...(balance === undefined ? {} : { balance }),
      ...(tls === undefined ? {} : { tls }),
    };
  });

/** What clients call the one address of a proxy that balances. */
export const PROXY_NAME = 'proxy';
