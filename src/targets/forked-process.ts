/** The conductor's end of a process that it forked: talks with it, and sees it gone. */
import { type ChildProcess, fork, type Serializable } from 'node:child_process';
import { RunError } from '../base/errors.js';
import { keepLastLines } from './last-lines.js';
import { within } from './within.js';

/** How long a process may take until it listens. */
const READY_MS_MAX = 10_000;
/** How long a process may take to report and exit when it is told to stop. */
export const STOP_MS_MAX = 5_000;
/** How long a process may take to go after SIGTERM; then it is killed. */
const TERM_MS_MAX = 2_000;
/** What is kept of its stderr. */
const STDERR_LINES_MAX = 50;

export interface ForkedOptions<From> {
  /** What it is called in messages: `backend "b0"`. */
  readonly title: string;
  /** Path of the module that it runs. */
  readonly entry: string;
  /** Hears all that it says. */
  readonly onMessage: (message: From) => void;
}

export class ForkedProcess<To extends Serializable, From> {
  /** Settles when the process is gone and all it said was heard; says how it ended. */
  readonly gone: Promise<string>;
  protected readonly child: ChildProcess;
  readonly #title: string;
  #isGone = false;

  constructor({ title, entry, onMessage }: ForkedOptions<From>) {
    this.#title = title;
    this.child = fork(entry, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // Not ours: an --inspect or --test of the conductor is not meant for its children.
      execArgv: ['--enable-source-maps'],
    });
    const { stderr } = this.child;
    const lastLines = stderr === null ? () => [] : keepLastLines(stderr, STDERR_LINES_MAX);
    this.child.on('message', (message) => onMessage(message as From));
    this.gone = new Promise((resolve) => {
      const end = (how: string) => {
        this.#isGone = true;
        this.onGone();
        resolve(how);
      };
      this.child.once('error', (error) => {
        // Only a process that never began is gone by it; others say so by 'close'.
        if (this.child.pid === undefined) end(`could not be started: ${error.message}`);
      });
      // Not 'exit': that may come before the last lines and messages.
      this.child.once('close', (code, signal) => end(endSentence(code, signal, lastLines())));
    });
  }

  /** 0 when the process could not be started. */
  get pid(): number {
    return this.child.pid ?? 0;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Says something to it; one that is going does not hear it, and its end is told of. */
  send(message: To): void {
    if (this.child.connected) this.child.send(message, () => {});
  }

  /**
   * Says something and waits for the first answer.
   * @throws RunError when it ends or says nothing within 10 s.
   */
  protected async ask(message: To): Promise<From> {
    const answer = new Promise<From & object>((resolve) => this.child.once('message', resolve));
    this.send(message);
    const first = await within(READY_MS_MAX, Promise.race([answer, this.gone]));
    if (first === undefined) {
      throw new RunError(`${this.#title} was not ready within ${READY_MS_MAX / 1e3} s`);
    }
    if (typeof first === 'string') {
      throw new RunError(`${this.#title} ended before it was ready: it ${first}`);
    }
    return first;
  }

  /** Says a last word and gives it time to report what is left and exit; then it is killed. */
  protected async finish(message: To): Promise<void> {
    this.send(message);
    await within(STOP_MS_MAX, this.gone);
    await this.kill();
  }

  /** Ends the process, if it still runs, and waits until it is gone. */
  async kill(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (this.#isGone) return;
    this.child.kill(signal);
    await within(TERM_MS_MAX, this.gone);
    if (!this.#isGone) this.child.kill('SIGKILL');
    await this.gone;
  }

  /** It is gone. */
  protected onGone(): void {}
}

/** `exited with code 1: TypeError: …`, or `was ended by SIGKILL`. */
function endSentence(code: number | null, signal: string | null, lines: string[]): string {
  const how = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
  // An uncaught error's last lines are its stack and Node's version; the error itself says more.
  const said = lines.findLast((line) => /^\S*Error\b/.test(line)) ?? lines.at(-1);
  return said === undefined ? how : `${how}: ${said.trim()}`;
}
