/** `squall proxy`: the chaos proxy alone, before any gRPC server, until Ctrl-C. */
import { writeFileSync } from 'node:fs';
import type { Argv, CommandModule } from 'yargs';
import { monotonicNowNs } from '../base/clock.js';
import { messageOf, UserError } from '../base/errors.js';
import { EXIT_INTERRUPTED } from '../gates/outcome.js';
import { BALANCE_POLICIES } from '../proxy/balancer.js';
import { type ControlPort, openControlPort } from '../proxy/control/control-port.js';
import type { FaultEntry } from '../proxy/control/fault-entry.js';
import { createSteering, type Steering } from '../proxy/control/steering.js';
import { SteeringError } from '../proxy/control/steering-error.js';
import { type RunningPassThrough, startPassThrough } from '../proxy/pass-through.js';
import { type ProxyOptions, type RunningProxy, startProxy } from '../proxy/proxy.js';
import { whyUnreachable } from '../proxy/reach-upstream.js';
import { readFault } from '../scenarios/fault-entries.js';
import type { TargetEvent } from '../targets/protocol.js';
import { type Address, formatAddress } from './address.js';
import { EXIT_BUG } from './exit-code.js';
import { type ProxyArguments, type ProxySettings, proxySettings } from './proxy-options.js';
import { createRareLines } from './rare-lines.js';

export const proxyCommand: CommandModule<object, ProxyArguments> = {
  command: 'proxy',
  describe: 'Put the chaos proxy before a gRPC server, for clients of your own',
  // yargs gives every option under its name without dashes, too.
  builder: (yargs) => options(yargs) as unknown as Argv<ProxyArguments>,
  handler: async (given) => {
    await runProxy(proxySettings(given));
  },
};

type EitherProxy = RunningProxy | RunningPassThrough;

function options(yargs: Argv<object>) {
  const path = { type: 'string', nargs: 1 } as const;
  return yargs
    .options({
      listen: { ...path, default: '127.0.0.1:0', describe: 'Where clients come in; port 0: any' },
      upstream: {
        type: 'string',
        array: true,
        nargs: 1,
        demandOption: true,
        describe: 'The server: host:port; several with --balance',
      },
      balance: {
        choices: BALANCE_POLICIES,
        describe: 'Spread calls over several servers',
      },
      faults: { ...path, describe: 'A YAML file, "faults: [ … ]"; times count from the start' },
      control: { ...path, describe: 'Where it is steered, over gRPC and HTTP; port 0: any' },
      token: { ...path, describe: 'Needed to steer it; or SQUALL_PROXY_TOKEN' },
      seed: { type: 'number', default: 1, describe: 'Everything random follows from it' },
      'pass-through': {
        type: 'boolean',
        default: false,
        describe: 'Hand octets on, TLS or not: tcp-* faults only',
      },
      'listen-tls': { type: 'boolean', default: false, describe: 'A certificate made for the run' },
      'listen-cert': { ...path, describe: 'A certificate of your own, PEM' },
      'listen-key': { ...path, describe: 'Its key, PEM' },
      'save-cert': { ...path, describe: 'Where to save the one that is made, for clients' },
      'upstream-tls': { type: 'boolean', default: false, describe: 'Reach the server over TLS' },
      'upstream-ca': { ...path, describe: 'Certificates to trust there, PEM' },
      'upstream-name': { ...path, describe: "Name in the server's certificate" },
    })
    .group(['listen-tls', 'listen-cert', 'listen-key', 'save-cert'], 'TLS towards clients:')
    .group(['upstream-tls', 'upstream-ca', 'upstream-name'], 'TLS towards the server:')
    .example(
      '$0 proxy --listen 127.0.0.1:9000 --upstream 127.0.0.1:50051 --control 127.0.0.1:9001',
      'steered with curl, or with any gRPC client',
    );
}

/** Settles once everything runs; what is open then keeps the program alive until it is interrupted. */
async function runProxy(settings: ProxySettings): Promise<void> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const rarely = createRareLines(say, monotonicNowNs);
  const { upstreams } = settings;
  const servers = upstreams.map(formatAddress).join(', ');
  const told = {
    onEvent: ({ detail, subject }: TargetEvent) => say(`${subject}: ${detail}`),
    onLost: (reason: string) => rarely(`${servers}: ${reason}`),
    onRefused: rarely,
  };
  const proxy = await had('--listen', settings.listen, () => startEither(settings, told));
  const steering = createSteering(proxy, {
    now: monotonicNowNs,
    read: readFault,
    seesCalls: !settings.passThrough,
    isCarried: ({ acts }) => !settings.passThrough || acts === 'bytes',
  });
  let control: ControlPort | undefined;
  try {
    control = await openControl(settings, steering, say);
    if (settings.saveCert !== undefined) saveCertificate(settings);
    for (const fault of settings.faults) putOn(steering, fault);
  } catch (error) {
    control?.close();
    proxy.close();
    throw error;
  }
  listenForEnd(proxy, control);
  process.stdout.write(`${placesLine(settings, proxy, control)}\n`);
  await Promise.all(
    upstreams.map(async (upstream) => {
      const reason = await whyUnreachable(upstream);
      if (reason !== undefined) say(unreachable(formatAddress(upstream), reason, settings));
    }),
  );
}

function unreachable(server: string, reason: string, { balance }: ProxySettings): string {
  const what = balance === undefined ? 'Clients cannot connect' : 'It gets no calls';
  return `warning: ${server} cannot be reached: ${reason}. ${what} until it can.`;
}

type Told = Required<Pick<ProxyOptions, 'onEvent' | 'onLost' | 'onRefused'>>;

function startEither(settings: ProxySettings, told: Told): Promise<EitherProxy> {
  const { listen, certificate, upstreams, balance, seed, passThrough } = settings;
  const [first] = upstreams as readonly [(typeof upstreams)[number]];
  if (passThrough) return startPassThrough({ ...listen, upstream: first, seed, ...told });
  const places = upstreams.map((address) => ({ name: formatAddress(address), address }));
  const upstream = balance === undefined ? first : { balance, places };
  const clock = { now: monotonicNowNs, isOnLoadClock: false };
  return startProxy({ ...listen, certificate, upstream, seed, ...clock, ...told });
}

async function openControl(
  { control, token }: ProxySettings,
  steering: Steering,
  say: (line: string) => void,
): Promise<ControlPort | undefined> {
  if (control === undefined) return undefined;
  const onBug = (error: unknown) => {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    say(`This is a bug in grpc-squall, please report it:\n${stack}`);
    process.exitCode = EXIT_BUG;
  };
  return had('--control', control, () => openControlPort({ ...control, token, steering, onBug }));
}

/** Starts what listens somewhere; that it cannot is the user's to mend. */
async function had<Started>(
  option: string,
  address: Address,
  start: () => Promise<Started>,
): Promise<Started> {
  try {
    return await start();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const where = `${option} ${formatAddress(address)}`;
    if (cause instanceof UserError) {
      throw new UserError(cause.mistakes.map((mistake) => ({ where, ...mistake })));
    }
    if (code === undefined) throw cause;
    throw new UserError({ where, message: messageOf(cause) }, { cause });
  }
}

/** A fault of the file. */
function putOn(steering: Steering, fault: FaultEntry): void {
  try {
    steering.put(fault);
  } catch (cause) {
    if (!(cause instanceof SteeringError)) throw cause;
    const mistakes = cause.mistakes.map((mistake) => ({ where: '--faults', ...mistake }));
    throw new UserError(mistakes, { cause });
  }
}

function saveCertificate({ saveCert = '', certificate }: ProxySettings): void {
  try {
    writeFileSync(saveCert, certificate?.cert ?? '');
  } catch (cause) {
    const where = `--save-cert ${saveCert}`;
    throw new UserError({ where, message: messageOf(cause) }, { cause });
  }
}

/** The one line on stdout: what a script waits for, and reads ports from. */
function placesLine(
  { listen, control: steered, upstreams, certificate, passThrough }: ProxySettings,
  { port }: EitherProxy,
  control: ControlPort | undefined,
): string {
  const word = (isSecure: boolean) => (isSecure ? ' (TLS)' : '');
  const from = formatAddress({ ...listen, port }) + word(certificate !== undefined);
  const to = upstreams
    .map((upstream) => formatAddress(upstream) + word(upstream.tls !== undefined))
    .join(', ');
  const place = `proxy on ${from} for ${to}${passThrough ? ', octets as they come' : ''}`;
  if (control === undefined || steered === undefined) return place;
  return `${place}, control on ${formatAddress({ ...steered, port: control.port })}`;
}

/** Ends at once: nothing here is worth waiting for. */
function listenForEnd(proxy: EitherProxy, control: ControlPort | undefined): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      proxy.close();
      control?.close();
      process.exit(process.exitCode ?? EXIT_INTERRUPTED);
    });
  }
}
