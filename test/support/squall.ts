/** Runs the real program in a process of its own, as a user does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RecordLine } from '../../src/metrics/record.js';
import type { Summary } from '../../src/metrics/summary.js';
import { childrenOf, isRunning } from './processes.js';
import { until } from './until.js';

const program = fileURLToPath(new URL('../../src/main.js', import.meta.url));

export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** What it has written to stderr so far. */
  stderr(): string;
  /** Waits until stderr holds a text. */
  says(text: string | RegExp): Promise<void>;
  /** Waits for the first line on stdout. */
  firstLine(): Promise<string>;
  /** Process ids of its backends. */
  backends(): number[];
  readonly finished: Promise<Finished>;
}

/** An empty folder for one test; under the system's temporary folder, which tidies itself. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'squall-test-'));
}

/** Writes a scenario file of its own folder and gives its path. */
export function scenarioFile(text: string, name = 'scenario.yaml'): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, text);
  return path;
}

export function startSquall(...args: string[]): Running {
  const child = spawn(process.execPath, ['--enable-source-maps', program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (piece: string) => {
      text[name] += piece;
    });
  }
  const finished = once(child, 'close').then(([exitCode]) => ({
    exitCode: exitCode as number | null,
    ...text,
  }));
  return {
    child,
    stderr: () => text.stderr,
    async says(wanted) {
      const has = () =>
        typeof wanted === 'string' ? text.stderr.includes(wanted) : wanted.test(text.stderr);
      const over = finished.then(() => {
        if (!has()) throw new Error(`it ended without saying ${wanted}:\n${text.stderr}`);
      });
      await Promise.race([until(String(wanted), has, 30_000), over]);
    },
    async firstLine() {
      const over = finished.then(() => {
        if (!text.stdout.includes('\n')) throw new Error(`it printed nothing:\n${text.stderr}`);
      });
      await Promise.race([until('a line', () => text.stdout.includes('\n'), 30_000), over]);
      return text.stdout.slice(0, text.stdout.indexOf('\n'));
    },
    backends: () => childrenOf(child.pid ?? 0),
    finished,
  };
}

export const squall = (...args: string[]): Promise<Finished> => startSquall(...args).finished;

/** Fails when one of the processes is still there after a moment. */
export async function allGone(pids: readonly number[]): Promise<void> {
  await until(`end of ${pids.join(', ')}`, () => !pids.some(isRunning), 5_000);
}

export function readSummary(folder: string): Summary {
  return JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as Summary;
}

export function readLines(folder: string): RecordLine[] {
  return readFileSync(join(folder, 'record.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RecordLine);
}
