/** The conductor's end of one backend's process: starts it, talks with it, and sees it gone. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { NS_PER_MS } from '../base/clock.js';
import { RunError, UserError } from '../base/errors.js';
import { keepLastLines } from './last-lines.js';
import { goesOnWithoutUs } from './pause-keeper.js';
import type { FromTarget, TargetConfig, ToTarget } from './protocol.js';
import { within } from './within.js';

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
  /** Calls the watch over a paused process off; absent: it runs. */
  #release: (() => void) | undefined;

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
        this.#release?.();
        this.#release = undefined;
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

  /** Stops the process in its tracks (SIGSTOP); its connections stay open. */
  pause(): void {
    if (this.#isGone || this.#release !== undefined) return;
    this.#child.kill('SIGSTOP');
    this.#release = goesOnWithoutUs(this.pid);
  }

  /** Lets a process that was paused go on. */
  resume(): void {
    if (this.#release === undefined) return;
    this.#release();
    this.#release = undefined;
    this.#child.kill('SIGCONT');
  }

  /** Lets the backend report what is left and exit; one that does not is killed. */
  async stop(): Promise<void> {
    this.resume();
    this.send({ type: 'stop' });
    await within(STOP_MS_MAX, this.gone);
    await this.kill();
  }

  /**
   * The same, once its calls have ended, for which they have so many ns.
   * @returns whether it went by itself.
   */
  async drain(graceNs: number): Promise<boolean> {
    this.send({ type: 'drain', graceNs });
    await within(graceNs / NS_PER_MS + STOP_MS_MAX, this.gone);
    const isWell = this.#child.exitCode === 0;
    await this.kill();
    return isWell;
  }

  /** Ends the process at once, and waits until it is gone. */
  async crash(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.gone;
  }

  /** Ends the process, if it still runs, and waits until it is gone. */
  async kill(): Promise<void> {
    if (this.#isGone) return;
    // One that is paused hears nothing but this.
    this.#child.kill(this.#release === undefined ? 'SIGTERM' : 'SIGKILL');
    await within(TERM_MS_MAX, this.gone);
    if (!this.#isGone) this.#child.kill('SIGKILL');
    await this.gone;
  }
}

/** `exited with code 1: TypeError: …`, or `was ended by SIGKILL`. */
function endSentence(code: number | null, signal: string | null, lines: string[]): string {
  const how = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
  // An uncaught error's last lines are its stack and Node's version; the error itself says more.
  const said = lines.findLast((line) => /^\S*Error\b/.test(line)) ?? lines.at(-1);
  return said === undefined ? how : `${how}: ${said.trim()}`;
}
