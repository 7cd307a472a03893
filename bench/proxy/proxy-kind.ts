/** What each side of the proxy benchmark is: a gRPC proxy, a process of its own on one core. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { listening } from '../engine/port.js';

export interface RunningSide extends AsyncDisposable {
  /** `host:port` that its clients call. */
  readonly address: string;
  /** The process whose CPU time and memory are the proxy's. */
  readonly pid: number;
}

export interface ProxyKind {
  readonly name: string;
  /** What it is run with, for the reader of the figures. */
  readonly settings: string;
  /** Why it cannot be run here; undefined when it can. */
  readonly missing?: string | undefined;
  /**
   * @param folder for files of its own.
   * @param upstream `host:port` of the server behind it.
   * @param streamsMax open at once on a client's connection, as far as it is the proxy that says so.
   */
  start(folder: string, upstream: string, streamsMax?: number): Promise<RunningSide>;
}

/** Starts a program that listens on a port, and ends it with a signal. */
export async function startProgram(
  program: string,
  args: readonly string[],
  port: number,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<RunningSide> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  await listening(port);
  return runningSide(child, port, signal);
}

/** A child that listens on a port. */
export function runningSide(
  child: ChildProcess,
  port: number,
  signal: NodeJS.Signals,
): RunningSide {
  return {
    address: `127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, 'exit');
    },
  };
}
