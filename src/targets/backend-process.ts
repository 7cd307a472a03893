/** The conductor's end of one backend's process: starts it, talks with it, and sees it gone. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { RunError, UserError } from '../base/errors.js';
import { keepLastLines } from './last-lines.js';
import type { FromTarget, TargetConfig, ToTarget } from './protocol.js';

const ENTRY = fileURLToPath(new URL('./target-process.js', import.meta.url));

/** How long a process may take until it listens. */
const READY_MS_MAX = 10_000;
/** How long a process may take to report and exit when it is told to stop. */
const STOP_MS_MAX = 5_000;
/** How long a process may take to go after SIGTERM; then it is killed. */
const TERM_MS_MAX = 2_000;
/** What is kept of its stderr. */
const STDERR_LINES_MAX = 50;

export class BackendProcess {
  /** The backend's name. */
  readonly name: string;
  /** Settles when the process is gone and all it said was heard; says how it ended. */
  readonly gone: Promise<string>;
  readonly #child: ChildProcess;
  #isGone = false;

  /** @param onMessage hears all that the backend says. */
  constructor(name: string, onMessage: (message: FromTarget) => void) {
    this.name = name;
    this.#child = fork(ENTRY, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // Not ours: an --inspect or --test of the conductor is not meant for its backends.
      execArgv: ['--enable-source-maps'],
    });
    const { stderr } = this.#child;
    const lastLines = stderr === null ? () => [] : keepLastLines(stderr, STDERR_LINES_MAX);
    this.#child.on('message', (message) => onMessage(message as FromTarget));
    this.gone = new Promise((resolve) => {
      const end = (how: string) => {
        this.#isGone = true;
        resolve(how);
      };
      this.#child.once('error', (error) => {
        // Only a process that never began is gone by it; others say so by 'close'.
        if (this.#child.pid === undefined) end(`could not be started: ${error.message}`);
      });
      // Not 'exit': that may come before the last lines and messages.
      this.#child.once('close', (code, signal) => end(endSentence(code, signal, lastLines())));
    });
  }

  /** 0 when the process could not be started. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Says something to the backend; one that is going does not hear it, and its end is told of. */
  send(message: ToTarget): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /**
   * Configures the backend and waits until it listens.
   * @returns its port.
   * @throws UserError when the port that was asked for cannot be bound.
   * @throws RunError when it ends or says nothing within 10 s.
   */
  async listen(config: TargetConfig): Promise<number> {
    const answer = new Promise<FromTarget>((resolve) => this.#child.once('message', resolve));
    this.send({ type: 'configure', config });
    const first = await within(READY_MS_MAX, Promise.race([answer, this.gone]));
    if (first === undefined) {
      throw new RunError(`backend "${this.name}" was not ready within ${READY_MS_MAX / 1e3} s`);
    }
    if (typeof first === 'string') {
      throw new RunError(`backend "${this.name}" ended before it was ready: it ${first}`);
    }
    if (first.type === 'ready') return first.port;
    const { port } = config.backend;
    const where = config.socketPath ?? `127.0.0.1:${port}`;
    const reason = first.type === 'bind-failed' ? first.reason : `it answered "${first.type}"`;
    const message = `backend "${this.name}" cannot listen on ${where}: ${reason}`;
    if (port === 0) throw new RunError(message);
    throw new UserError({
      message,
      hint: 'use another "targets.port", or 0 to let the system choose a free one',
    });
  }

  /** Lets the backend report what is left and exit; one that does not is killed. */
  async stop(): Promise<void> {
    this.send({ type: 'stop' });
    await within(STOP_MS_MAX, this.gone);
    await this.kill();
  }

  /** Ends the process, if it still runs, and waits until it is gone. */
  async kill(): Promise<void> {
    if (this.#isGone) return;
    this.#child.kill('SIGTERM');
    await within(TERM_MS_MAX, this.gone);
    if (!this.#isGone) this.#child.kill('SIGKILL');
    await this.gone;
  }
}

/** What a promise gives, or undefined when it takes longer than that. */
async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** `exited with code 1: TypeError: …`, or `was ended by SIGKILL`. */
function endSentence(code: number | null, signal: string | null, lines: string[]): string {
  const how = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
  // An uncaught error's last lines are its stack and Node's version; the error itself says more.
  const said = lines.findLast((line) => /^\S*Error\b/.test(line)) ?? lines.at(-1);
  return said === undefined ? how : `${how}: ${said.trim()}`;
}
