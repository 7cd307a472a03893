/** gRPC for Python (on gRPC's C core) as a client: a process that says messages when it is asked to. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type StatusName, statusName } from '../../src/base/status.js';
import { grpcPython } from './foreign-servers.js';

export interface PythonEnd {
  readonly status: StatusName;
  readonly details: string;
}

export interface SayOptions {
  /** Size of the message; 10 unless told. */
  readonly bytes?: number;
  /** Whether it waits for a connection; no unless told. */
  readonly waitForReady?: boolean;
}

export interface PythonClient extends AsyncDisposable {
  /** @returns undefined when the process died of it; the next call has another. */
  say(
    metadata: Readonly<Record<string, string>>,
    timeoutMs: number,
    options?: SayOptions,
  ): Promise<PythonEnd | undefined>;
}

interface Answer {
  readonly id: number;
  readonly code: number;
  readonly details: string;
}

/** @param channelArguments by gRPC's names. */
export function startPythonClient(
  address: string,
  channelArguments: Readonly<Record<string, number>> = {},
): PythonClient {
  const script = fileURLToPath(new URL('../../../test/support/grpc-client.py', import.meta.url));
  const settings = Object.entries(channelArguments).map(([name, value]) => `${name}=${value}`);
  const waiting = new Map<number, (end: PythonEnd | undefined) => void>();
  let calls = 0;
  const start = () => {
    const child = spawn(grpcPython ?? 'python3', [script, address, ...settings], {
      // What it prints of its own accord is of answers that are wrong on purpose.
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.on('error', () => {});
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { id, code, details } = JSON.parse(line) as Answer;
      waiting.get(id)?.({ status: statusName(code), details });
      waiting.delete(id);
    });
    child.on('exit', () => {
      running = undefined;
      for (const end of waiting.values()) end(undefined);
      waiting.clear();
    });
    return child;
  };
  let running: ReturnType<typeof start> | undefined;
  return {
    say(metadata, timeoutMs, { bytes = 10, waitForReady = false } = {}) {
      running ??= start();
      const id = calls++;
      const call = { id, metadata, timeoutMs, bytes, waitForReady };
      running.stdin.write(`${JSON.stringify(call)}\n`);
      return new Promise((resolve) => waiting.set(id, resolve));
    },
    async [Symbol.asyncDispose]() {
      if (running === undefined) return;
      const exited = once(running, 'exit');
      running.stdin.end();
      await exited;
    },
  };
}
