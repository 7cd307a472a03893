/**
 * This end's SETTINGS and when they hold (RFC 9113 §6.5.3): the peer may go by the old ones until it
 * has acknowledged the new, so what is stricter takes hold only then; what is more generous at once.
 */
import type { ConnectionCore } from './connection-core.js';
import { ConnectionError, PROTOCOL_ERROR, SETTINGS_TIMEOUT } from './error-code.js';
import { writeSettings } from './frame-writer.js';
import type { HpackDecoder } from './hpack-decoder.js';
import { type Settings, settingPairs } from './settings.js';

/** More of ours that a peer leaves unacknowledged are not honest any more (§6.5.3). */
const UNACKNOWLEDGED_MAX = 1_000;

export class OwnSettings {
  readonly #core: ConnectionCore;
  readonly #decoder: HpackDecoder;
  /** Sent and not acknowledged, the oldest first. */
  readonly #unacknowledged: Partial<Settings>[] = [];

  constructor(core: ConnectionCore, decoder: HpackDecoder) {
    this.#core = core;
    this.#decoder = decoder;
  }

  /** How many SETTINGS frames wait for their acknowledgement. */
  get unacknowledgedCount(): number {
    return this.#unacknowledged.length;
  }

  /** Announces settings. @throws ConnectionError for a value that is not allowed: a bug. */
  send(settings: Partial<Settings>): void {
    if (this.#unacknowledged.length >= UNACKNOWLEDGED_MAX) {
      this.#core.fail(new ConnectionError(SETTINGS_TIMEOUT, 'SETTINGS are not acknowledged'));
      return;
    }
    writeSettings(this.#core.output, settingPairs(settings));
    this.#unacknowledged.push({ ...settings });
    const { initialWindowSize } = settings;
    if (initialWindowSize !== undefined) {
      this.#core.streamReturnBytes = Math.max(initialWindowSize >> 1, 1);
      if (initialWindowSize > this.#core.streamWindow) this.#shiftWindows(initialWindowSize);
    }
    this.#core.appended();
  }

  /** The peer goes by the oldest unacknowledged settings from now on. */
  acknowledged(): void {
    const core = this.#core;
    const settings = this.#unacknowledged.shift();
    if (settings === undefined) {
      throw new ConnectionError(PROTOCOL_ERROR, 'an acknowledgement of SETTINGS that nobody sent');
    }
    Object.assign(core.local, settings);
    const { headerTableSize, initialWindowSize } = settings;
    if (headerTableSize !== undefined) this.#decoder.setTableSizeLimit(headerTableSize);
    // A later, larger one may be in force already.
    const isRaisedSince = this.#unacknowledged.some(
      (later) => (later.initialWindowSize ?? 0) >= core.streamWindow,
    );
    if (initialWindowSize !== undefined && !isRaisedSince) this.#shiftWindows(initialWindowSize);
  }

  /** Changes what streams may receive by the difference of the initial window (§6.9.2). */
  #shiftWindows(initialWindowSize: number): void {
    const { table } = this.#core;
    const delta = initialWindowSize - this.#core.streamWindow;
    this.#core.streamWindow = initialWindowSize;
    table.forEach((slot) => {
      table.receiveWindow[slot] = (table.receiveWindow[slot] as number) + delta;
    });
  }
}
