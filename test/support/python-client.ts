/** gRPC for Python (on gRPC's C core) as a client: a process that says messages when it is asked to. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type StatusName, statusName } from '../../src/base/status.js';
import { grpcPython } from './foreign-servers.js';

export interface PythonClient extends AsyncDisposable {
  /** @returns undefined when the process died of it; the next call has another. */
  say(
    metadata: Readonly<Record<string, string>>,
    timeoutMs: number,
  ): Promise<{ readonly status: StatusName; readonly details: string } | undefined>;
}

interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly answers: AsyncIterator<string>;
}

/** @param channelArguments by gRPC's names. */
export function startPythonClient(
  address: string,
  channelArguments: Readonly<Record<string, number>> = {},
): PythonClient {
  const script = fileURLToPath(new URL('../../../test/support/grpc-client.py', import.meta.url));
  const settings = Object.entries(channelArguments).map(([name, value]) => `${name}=${value}`);
  const start = (): Running => {
    const child = spawn(grpcPython ?? 'python3', [script, address, ...settings], {
      // What it prints of its own accord is of answers that are wrong on purpose.
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.on('error', () => {});
    return { child, answers: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
  };
  let running = start();
  return {
    async say(metadata, timeoutMs) {
      running.child.stdin.write(`${JSON.stringify({ metadata, timeoutMs })}\n`);
      const { value, done } = await running.answers.next();
      if (done === true) {
        running = start();
        return undefined;
      }
      const { code, details } = JSON.parse(value) as { code: number; details: string };
      return { status: statusName(code), details };
    },
    async [Symbol.asyncDispose]() {
      const exited = once(running.child, 'exit');
      running.child.stdin.end();
      await exited;
    },
  };
}
