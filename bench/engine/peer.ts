/** What each side of the engine benchmark is: a load generator in a process of its own. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { watchCost } from './process-cost.js';

/** The request that every side sends, and where to. */
export interface EngineTask {
  /** `host:port` of the server. */
  readonly address: string;
  /** `chat.ChatService/Say` */
  readonly method: string;
  /** Files that hold the same request: with gRPC's five octets before it, alone, and as JSON. */
  readonly framedFile: string;
  readonly messageFile: string;
  readonly json: string;
  readonly protoFile: string;
  /** Length of the measured stretch. */
  readonly seconds: number;
}

/** What one run of one side did. */
export interface Measure {
  /** Calls that ended with gRPC status 0. */
  readonly calls: number;
  readonly failed: number;
  readonly callsPerSecond: number;
  /** User and system time of the side's whole process, by calls. */
  readonly cpuUsPerCall: number;
  readonly peakRssBytes: number;
}

export interface Peer {
  readonly name: string;
  /** What it is run with, for the reader of the figures. */
  readonly settings: string;
  /** Why it cannot be run here; undefined when it can. */
  readonly missing?: string | undefined;
  run(task: EngineTask): Promise<Measure>;
}

/** Where a program is on the PATH. */
export function onPath(program: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // It is not in this folder.
    }
  }
  return undefined;
}

/** For `missing` of a program that others made. */
export function missingProgram(program: string): string | undefined {
  return onPath(program) === undefined ? `${program} is not on the PATH` : undefined;
}

export interface Output {
  readonly text: string;
  readonly cpuMs: number;
  readonly peakRssBytes: number;
}

/**
 * Runs a program to its end.
 * @throws with what it printed when it fails.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Output> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const cost = watchCost(child.pid ?? 0);
  let text = '';
  let errors = '';
  child.stdout.on('data', (piece: Buffer) => {
    text += piece.toString('utf8');
  });
  child.stderr.on('data', (piece: Buffer) => {
    errors += piece.toString('utf8');
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const seen = cost.stop();
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${errors || text}`);
  return { text, ...seen };
}

/** The figures of a program that was measured as a whole. */
export function measureOf(
  calls: number,
  failed: number,
  seconds: number,
  { cpuMs, peakRssBytes }: Output,
): Measure {
  return {
    calls,
    failed,
    callsPerSecond: calls / seconds,
    cpuUsPerCall: (cpuMs * 1e3) / calls,
    peakRssBytes,
  };
}
