/** The conductor's end of one backend's process: starts it, talks with it, and sees it gone. */
import { fileURLToPath } from 'node:url';
import { NS_PER_MS } from '../base/clock.js';
import { RunError, UserError } from '../base/errors.js';
import { ForkedProcess, STOP_MS_MAX } from './forked-process.js';
import { goesOnWithoutUs } from './pause-keeper.js';
import type { FromTarget, TargetConfig, ToTarget } from './protocol.js';
import { within } from './within.js';

const ENTRY = fileURLToPath(new URL('./target-process.js', import.meta.url));

export class BackendProcess extends ForkedProcess<ToTarget, FromTarget> {
  /** The backend's name. */
  readonly name: string;
  /** Calls the watch over a paused process off; absent: it runs. */
  #release: (() => void) | undefined;

  /** @param onMessage hears all that the backend says. */
  constructor(name: string, onMessage: (message: FromTarget) => void) {
    super({ title: `backend "${name}"`, entry: ENTRY, onMessage });
    this.name = name;
  }

  /**
   * Configures the backend and waits until it listens.
   * @returns its port.
   * @throws UserError when the port that was asked for cannot be bound.
   * @throws RunError when it ends or says nothing within 10 s.
   */
  async listen(config: TargetConfig): Promise<number> {
    const first = await this.ask({ type: 'configure', config });
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
    if (this.isGone || this.#release !== undefined) return;
    this.child.kill('SIGSTOP');
    this.#release = goesOnWithoutUs(this.pid);
  }

  /** Lets a process that was paused go on. */
  resume(): void {
    if (this.#release === undefined) return;
    this.#release();
    this.#release = undefined;
    this.child.kill('SIGCONT');
  }

  /** Lets the backend report what is left and exit; one that does not is killed. */
  async stop(): Promise<void> {
    this.resume();
    await this.finish({ type: 'stop' });
  }

  /**
   * The same, once its calls have ended, for which they have so many ns.
   * @returns whether it went by itself.
   */
  async drain(graceNs: number): Promise<boolean> {
    this.send({ type: 'drain', graceNs });
    await within(graceNs / NS_PER_MS + STOP_MS_MAX, this.gone);
    const isWell = this.child.exitCode === 0;
    await this.kill();
    return isWell;
  }

  /** Ends the process at once, and waits until it is gone. */
  async crash(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.gone;
  }

  /** Ends the process, if it still runs, and waits until it is gone. */
  override kill(): Promise<void> {
    // One that is paused hears nothing but this.
    return super.kill(this.#release === undefined ? 'SIGTERM' : 'SIGKILL');
  }

  protected override onGone(): void {
    this.#release?.();
    this.#release = undefined;
  }
}
