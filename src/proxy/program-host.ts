/**
 * A proxy that others wrote, started by us in front of the backends with a configuration of ours, in a
 * folder that goes with it. It ends with the process that this runs in, however that ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { callAt, loadClock } from '../base/clock.js';
import { keepLastLines } from '../targets/last-lines.js';
import { SERVER_HOST } from '../targets/server.js';
import { postSnapshots } from '../targets/snapshots.js';
import { within } from '../targets/within.js';
import { endsWithUs } from './end-keeper.js';
import { type HostedProxy, ProxyFailure, type ProxyReporter } from './hosted-proxy.js';
import { programCpu } from './program-cpu.js';
import { serverText } from './program-place.js';
import { PROGRAMS, pathOfProgram } from './programs.js';
import type { ProxyConfig } from './protocol.js';
import type { ProxyProgram } from './spec.js';

/**
 * Below the range from which systems give out ports: HAProxy, which binds more strictly than others,
 * does not get one that a connection of another's has had a moment ago.
 */
const PORT_FIRST = 20_000;
const PORTS = 12_000;
const STARTS_MAX = 5;
const READY_MS_MAX = 5_000;
const POLL_MS = 10;
const TERM_MS_MAX = 1_000;
const STDERR_LINES_MAX = 20;

/** A program that runs. */
interface Running {
  readonly child: ChildProcess;
  readonly port: number;
  /** Settles when it is gone; says how. */
  readonly gone: Promise<string>;
}

/** @throws ProxyFailure */
export async function hostProgram(
  program: ProxyProgram,
  config: ProxyConfig,
  reporter: ProxyReporter,
): Promise<HostedProxy> {
  const path = pathOfProgram(program);
  if (path === undefined) throw new ProxyFailure(`${program} is not installed`);
  const folder = mkdtempSync(join(tmpdir(), 'squall-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const { child, port, gone } = await start(program, path, folder, config);
  let isStopped = false;
  void gone.then((how) => {
    if (!isStopped) reporter.lost(`${program} ${how}`);
  });
  const takeCpuNs = programCpu(child.pid ?? 0);
  let stopSnapshots = () => {};
  return {
    ports: [port],
    begin(zeroNs) {
      stopSnapshots = postSnapshots({
        intervalNs: config.intervalNs,
        now: loadClock(zeroNs),
        callAt: (atNs, fire) => callAt(zeroNs + atNs, fire),
        take: takeCpuNs,
        post: ({ fromNs, toNs, counts: cpuNs }) =>
          reporter.snapshot({ fromNs, toNs, ...(cpuNs === undefined ? {} : { cpuNs }) }),
      });
    },
    async stop() {
      isStopped = true;
      stopSnapshots();
      child.kill('SIGTERM');
      await within(TERM_MS_MAX, gone);
      child.kill('SIGKILL');
      await gone;
      remove();
    },
  };
}

/** Starts it, on another port when somebody was faster. */
async function start(
  program: ProxyProgram,
  path: string,
  folder: string,
  { spec, upstreams }: ProxyConfig,
): Promise<Running> {
  const { config, args } = PROGRAMS[program];
  const configPath = join(folder, `${program}.conf`);
  const servers = upstreams.map(({ address }) => serverText(address));
  let why = '';
  for (let tried = 0; tried < STARTS_MAX; tried++) {
    const port = await freePort(process.pid * 7 + tried * 101);
    const { balance = 'round_robin' } = spec;
    writeFileSync(configPath, config({ port, folder, servers, balance }));
    const running = { ...run(path, args(configPath, folder), folder), port };
    const isReady = await Promise.race([
      listens(port).then(() => true),
      running.gone.then((how) => {
        why = how;
        return false;
      }),
    ]);
    if (isReady) return running;
  }
  throw new ProxyFailure(`${program} does not start: it ${why}`);
}

function run(path: string, args: readonly string[], folder: string): Omit<Running, 'port'> {
  // A group of its own: Ctrl-C is the conductor's to hear.
  const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  const callOff = child.pid === undefined ? () => {} : endsWithUs(child.pid, folder);
  const lastLines = keepLastLines(child.stderr, STDERR_LINES_MAX);
  const gone = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('close', (code, signal) => {
      callOff();
      process.off('exit', end);
      const how = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
      const said = lastLines().at(-1);
      resolve(said === undefined ? how : `${how}: ${said.trim()}`);
    });
  });
  return { child, gone };
}

/** @throws ProxyFailure when nobody has listened there for too long. */
async function listens(port: number): Promise<void> {
  const giveUpMs = performance.now() + READY_MS_MAX;
  while (performance.now() < giveUpMs) {
    const socket = connect(port, SERVER_HOST);
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await sleep(POLL_MS);
  }
  throw new ProxyFailure(`nobody listened on port ${port} within ${READY_MS_MAX / 1e3} s`);
}

/** @param from any number: other processes are to begin elsewhere. */
async function freePort(from: number): Promise<number> {
  for (let step = 0; step < PORTS; step++) {
    const port = PORT_FIRST + ((from + step) % PORTS);
    const server = createServer().listen(port, SERVER_HOST);
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
  throw new ProxyFailure('no port is free');
}
