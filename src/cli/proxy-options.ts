/** The options of `squall proxy`, checked: what it listens on, what stands behind it, who may steer it. */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { messageOf, UserError } from '../base/errors.js';
import type { TransportAddress } from '../http2/socket-transport.js';
import type { BalancePolicy } from '../proxy/balancer.js';
import type { FaultEntry } from '../proxy/control/fault-entry.js';
import { upstreamTls } from '../proxy/upstream-tls.js';
import { readFaultFile } from '../scenarios/fault-entries.js';
import { type Certificate, createCertificate } from '../targets/certificate.js';
import { type Address, parseAddress } from './address.js';

/** As the command line gives them. */
export interface ProxyArguments {
  readonly listen: string;
  readonly upstream: readonly string[];
  readonly balance: BalancePolicy | undefined;
  readonly faults: string | undefined;
  readonly control: string | undefined;
  readonly token: string | undefined;
  readonly seed: number;
  readonly passThrough: boolean;
  readonly listenTls: boolean;
  readonly listenCert: string | undefined;
  readonly listenKey: string | undefined;
  readonly saveCert: string | undefined;
  readonly upstreamTls: boolean;
  readonly upstreamCa: string | undefined;
  readonly upstreamName: string | undefined;
}

export interface ProxySettings {
  readonly listen: Address;
  readonly certificate: Certificate | undefined;
  /** Where a certificate that was made is to be saved, for clients to trust. */
  readonly saveCert: string | undefined;
  /** One; several where calls are balanced. */
  readonly upstreams: readonly (TransportAddress & Address)[];
  readonly balance: BalancePolicy | undefined;
  readonly faults: readonly FaultEntry[];
  readonly control: Address | undefined;
  readonly token: string | undefined;
  readonly seed: number;
  readonly passThrough: boolean;
}

/** Instead of `--token`, which everybody sees who lists the processes of the machine. */
export const TOKEN_VARIABLE = 'SQUALL_PROXY_TOKEN';
const SEED_MAX = 2 ** 32 - 1;

/** @throws UserError with all mistakes. */
export function proxySettings(given: ProxyArguments): ProxySettings {
  const mistakes = new Mistakes();
  const listen = mistakes.of(() => parseAddress('--listen', given.listen, 0));
  const upstreams = mistakes.of(() => upstreamsOf(given));
  const certificate = mistakes.of(() => certificateOf(given));
  const control = mistakes.of(() =>
    given.control === undefined ? undefined : parseAddress('--control', given.control, 0),
  );
  const token = mistakes.of(() => tokenOf(given));
  const faults = mistakes.of(() => {
    const { faults: file } = given;
    return file === undefined ? [] : readFaultFile(file, readText('--faults', file));
  });
  const seed = mistakes.of(() => seedOf(given.seed));
  mistakes.of(() => withoutTls(given));
  mistakes.throwAny();
  const { saveCert, passThrough, balance } = given;
  // Nothing was wrong: all are there that must be.
  const rest = { saveCert, faults, control, token, seed, passThrough, balance };
  return { listen, certificate, upstreams, ...rest } as ProxySettings;
}

/** Collects what several checks throw. */
class Mistakes {
  readonly #errors: UserError[] = [];

  of<Value>(check: () => Value): Value | undefined {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#errors.push(error);
      return undefined;
    }
  }

  throwAny(): void {
    if (this.#errors.length > 0) throw new UserError(this.#errors.flatMap((one) => one.mistakes));
  }
}

function upstreamsOf(given: ProxyArguments): readonly (TransportAddress & Address)[] {
  const { upstream, balance, passThrough } = given;
  if (upstream.length > 1 && balance === undefined) {
    throw new UserError({
      where: '--upstream',
      message: 'without --balance the proxy stands before one server',
      hint: 'say how calls are to be spread, --balance round_robin, or start one proxy for each',
    });
  }
  if (balance !== undefined && passThrough) {
    throw new UserError({
      where: '--balance',
      message: 'spreads calls, and with --pass-through none are seen',
    });
  }
  return upstream.map((text) => upstreamOf(text, given));
}

function upstreamOf(text: string, given: ProxyArguments): TransportAddress & Address {
  const { upstreamCa, upstreamName } = given;
  const address = parseAddress('--upstream', text, 1);
  if (!given.upstreamTls) {
    needs('--upstream-ca', upstreamCa, '--upstream-tls');
    needs('--upstream-name', upstreamName, '--upstream-tls');
    return address;
  }
  const ca = upstreamCa === undefined ? undefined : readText('--upstream-ca', upstreamCa);
  const where = `--upstream-ca ${upstreamCa}`;
  return {
    ...address,
    tls: readable(where, () => upstreamTls(address.host, { ca, name: upstreamName })),
  };
}

function certificateOf(given: ProxyArguments): Certificate | undefined {
  const { listenCert, listenKey, saveCert } = given;
  if (listenCert === undefined && listenKey === undefined) {
    if (!given.listenTls) needs('--save-cert', saveCert, '--listen-tls');
    return given.listenTls ? createCertificate() : undefined;
  }
  if (saveCert !== undefined) {
    throw new UserError({
      where: `--save-cert ${saveCert}`,
      message: 'saves a certificate that was made for the run, and here one is given',
    });
  }
  if (listenCert === undefined) throw missing('--listen-cert', '--listen-key');
  if (listenKey === undefined) throw missing('--listen-key', '--listen-cert');
  const cert = readText('--listen-cert', listenCert);
  const key = readText('--listen-key', listenKey);
  readable(`--listen-cert ${listenCert}`, () => createSecureContext({ cert, key }));
  return { cert, key };
}

/** TLS that passes through neither ends nor begins here. */
function withoutTls(given: ProxyArguments): void {
  const { passThrough, listenTls, listenCert, upstreamTls: isUpstreamSecure } = given;
  if (!passThrough || (!listenTls && listenCert === undefined && !isUpstreamSecure)) return;
  throw new UserError({
    where: '--pass-through',
    message: 'passes TLS on as it comes: it neither ends nor begins here',
    hint: 'leave out the options for TLS, or --pass-through',
  });
}

function tokenOf({ control, token: option }: ProxyArguments): string | undefined {
  if (control === undefined) {
    needs('--token', option, '--control');
    return undefined;
  }
  const token = option ?? process.env[TOKEN_VARIABLE];
  if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return token;
  const where = option === undefined ? TOKEN_VARIABLE : '--token';
  throw new UserError({ where, message: 'a token is printable ASCII without spaces' });
}

function seedOf(seed: number): number {
  if (Number.isInteger(seed) && seed >= 0 && seed <= SEED_MAX) return seed;
  const message = `expected a whole number from 0 to ${SEED_MAX}, got ${seed}`;
  throw new UserError({ where: '--seed', message });
}

function needs(option: string, value: string | undefined, other: string): void {
  if (value !== undefined) throw missing(other, option);
}

function missing(option: string, because: string): UserError {
  return new UserError({ where: because, message: `has a meaning with ${option} only` });
}

function readText(option: string, path: string): string {
  return readable(`${option} ${path}`, () => readFileSync(path, 'utf8'));
}

function readable<Value>(where: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    const message = `cannot be read: ${messageOf(cause)}`;
    throw new UserError({ where, message }, { cause });
  }
}
