/**
 * A backend whose process may go and come back by plan.
 *
 *               crash, or stop when its grace is over
 *   running ───────────────────────────────────────────► down
 *    │   ▲ ◄──────────────────── start ───────────────────┘
 *    │   │
 *    ▼   │ resume            a process that goes without being told to is lost, and tells `onLost`
 *   paused
 *
 * What is asked for is done in order, each when the one before is over: a start waits for the end of a
 * drain, a pause for the end of a start. What makes no sense any more is left out, and everything is
 * once the backend is closed.
 */
import { monotonicNowNs } from '../base/clock.js';
import { messageOf } from '../base/errors.js';
import { formatDuration } from '../base/units.js';
import type { EventKind } from '../metrics/record.js';
import { BackendProcess } from './backend-process.js';
import type { ProcessControl } from './process-faults.js';
import type { FromTarget, Peers, TargetConfig } from './protocol.js';
import { clearSocket } from './socket-folder.js';

/**
 * How often a backend that comes back tries to listen: between two of its lives somebody else may be
 * on its port for a moment.
 */
const STARTS_MAX = 3;

export interface SupervisedOptions {
  /** Its process, which listens already. */
  readonly process: BackendProcess;
  /** What a process that follows it is told; with the port that it must listen on. */
  readonly config: TargetConfig;
  readonly onMessage: (message: FromTarget) => void;
  /** Something was done to the process. */
  readonly onEvent: (kind: EventKind, detail: string) => void;
  /** It is gone, or not back, against the plan; called once, and never after it was closed. */
  readonly onLost: (reason: string) => void;
}

type Step = () => void | Promise<void>;

export class SupervisedBackend implements ProcessControl {
  readonly name: string;
  readonly #options: SupervisedOptions;
  #process: BackendProcess;
  /** It runs as far as the plan goes: its end would be a loss. */
  #isUp = true;
  #isPaused = false;
  #isClosed = false;
  #zeroNs = 0;
  #peers: Peers = {};
  #steps: Promise<void> = Promise.resolve();

  constructor(options: SupervisedOptions) {
    this.#options = options;
    this.#process = options.process;
    this.name = options.process.name;
    this.#watch(options.process);
  }

  /** Of its process, or of the last one when it is down. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Sets the load clock's zero. Called once. */
  begin(zeroNs: number, peers: Peers): void {
    this.#zeroNs = zeroNs;
    this.#peers = peers;
    this.#process.send({ type: 'begin', zeroNs, fromNs: 0, peers });
  }

  crash(): void {
    this.#then(() => {
      if (!this.#isUp) return;
      this.#isUp = false;
      this.#isPaused = false;
      this.#tell('process.crashed', 'was killed');
      return this.#process.crash();
    });
  }

  stop(graceNs: number): void {
    this.#then(async () => {
      if (!this.#isUp) return;
      this.#isUp = false;
      this.#resume();
      if (graceNs > 0)
        this.#tell('process.draining', `drains for ${formatDuration(graceNs)} at most`);
      const startNs = monotonicNowNs();
      const isWell = await this.#process.drain(graceNs);
      if (this.#isClosed) return;
      if (!isWell) {
        this.#lose(await this.#process.gone);
        return;
      }
      const tookNs = monotonicNowNs() - startNs;
      this.#tell('process.stopped', `ended, ${formatDuration(tookNs)} after it was told to`);
    });
  }

  start(): void {
    this.#then(async () => {
      if (this.#isUp) return;
      const startNs = monotonicNowNs();
      await this.#startProcess();
      if (this.#isClosed) return;
      this.#isUp = true;
      this.#watch(this.#process);
      const nowNs = monotonicNowNs();
      const zeroNs = this.#zeroNs;
      this.#process.send({ type: 'begin', zeroNs, fromNs: nowNs - zeroNs, peers: this.#peers });
      this.#tell(
        'process.started',
        `listens again, ${formatDuration(nowNs - startNs)} after its start`,
      );
    });
  }

  pause(): void {
    this.#then(() => {
      if (!this.#isUp || this.#isPaused) return;
      this.#isPaused = true;
      this.#process.pause();
      this.#tell('process.paused', 'is stopped, its connections open');
    });
  }

  resume(): void {
    this.#then(() => this.#resume());
  }

  /** Lets it report what is left and ends it; nothing is done to it any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#resume();
    await this.#process.stop();
    await this.#steps;
  }

  /** Ends it without reports; nothing is done to it any more. */
  async kill(): Promise<void> {
    this.#isClosed = true;
    await this.#process.kill();
    await this.#steps;
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#process.resume();
    this.#tell('process.resumed', 'goes on');
  }

  /** @throws when it does not come up, however often that is tried. */
  async #startProcess(): Promise<void> {
    const { config, onMessage } = this.#options;
    for (let tried = 1; ; tried++) {
      if (config.socketPath !== undefined) clearSocket(config.socketPath);
      const process = new BackendProcess(this.name, onMessage);
      this.#process = process;
      try {
        await process.listen(config);
        return;
      } catch (error) {
        await process.kill();
        if (this.#isClosed) return;
        if (tried === STARTS_MAX) throw error;
      }
    }
  }

  #then(step: Step): void {
    this.#steps = this.#steps.then(async () => {
      if (this.#isClosed) return;
      try {
        await step();
      } catch (error) {
        if (!this.#isClosed) this.#lose(messageOf(error));
      }
    });
  }

  /** Tells of the end of a process that nobody asked for. */
  #watch(process: BackendProcess): void {
    void process.gone.then((reason) => {
      if (this.#isUp && !this.#isClosed && process === this.#process) this.#lose(reason);
    });
  }

  #lose(reason: string): void {
    this.#isClosed = true;
    this.#options.onLost(reason);
  }

  #tell(kind: EventKind, what: string): void {
    this.#options.onEvent(kind, `backend ${this.name} ${what}`);
  }
}
