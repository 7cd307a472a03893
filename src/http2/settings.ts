/** SETTINGS by name (RFC 9113 §6.5.2), their initial values, and their form on the wire. */
import { ConnectionError, FLOW_CONTROL_ERROR, PROTOCOL_ERROR } from './error-code.js';
import {
  FRAME_BYTES_DEFAULT,
  FRAME_BYTES_MAX,
  INT31_MAX,
  readUint32,
  WINDOW_BYTES_DEFAULT,
} from './frame.js';

/** One end's settings: what it allows the other. Sizes in octets. */
export interface Settings {
  headerTableSize: number;
  /** 0 or 1. */
  enablePush: number;
  maxConcurrentStreams: number;
  initialWindowSize: number;
  maxFrameSize: number;
  maxHeaderListSize: number;
}

/** What holds before an end has said anything. "Unlimited" is the largest value that can be sent. */
export const INITIAL_SETTINGS: Readonly<Settings> = {
  headerTableSize: 4_096,
  enablePush: 1,
  maxConcurrentStreams: 0xffff_ffff,
  initialWindowSize: WINDOW_BYTES_DEFAULT,
  maxFrameSize: FRAME_BYTES_DEFAULT,
  maxHeaderListSize: 0xffff_ffff,
};

/** Names in the order of their identifiers, from 1. */
const NAMES = [
  'headerTableSize',
  'enablePush',
  'maxConcurrentStreams',
  'initialWindowSize',
  'maxFrameSize',
  'maxHeaderListSize',
] as const satisfies readonly (keyof Settings)[];

/** `[identifier, value]` pairs of the settings given. */
export function settingPairs(settings: Partial<Settings>): (readonly [number, number])[] {
  return NAMES.flatMap((name, index) => {
    const value = settings[name];
    if (value === undefined) return [];
    checkSetting(name, value);
    return [[index + 1, value] as const];
  });
}

/**
 * Reads the payload of a SETTINGS frame over the settings so far, in order; unknown ones are skipped.
 * @throws ConnectionError for a value that is not allowed.
 */
export function readSettings(bytes: Uint8Array, start: number, end: number, into: Settings): void {
  for (let at = start; at < end; at += 6) {
    const identifier = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    const name = NAMES[identifier - 1];
    if (name === undefined) continue;
    const value = readUint32(bytes, at + 2);
    checkSetting(name, value);
    into[name] = value;
  }
}

function checkSetting(name: keyof Settings, value: number): void {
  if (name === 'enablePush' && value > 1) {
    throw new ConnectionError(PROTOCOL_ERROR, `SETTINGS_ENABLE_PUSH is ${value}`);
  }
  if (name === 'initialWindowSize' && value > INT31_MAX) {
    throw new ConnectionError(FLOW_CONTROL_ERROR, `SETTINGS_INITIAL_WINDOW_SIZE is ${value}`);
  }
  if (name === 'maxFrameSize' && (value < FRAME_BYTES_DEFAULT || value > FRAME_BYTES_MAX)) {
    throw new ConnectionError(PROTOCOL_ERROR, `SETTINGS_MAX_FRAME_SIZE is ${value}`);
  }
}
