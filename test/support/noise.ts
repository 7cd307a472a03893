/** Octets at random, from a seed: bare noise, or frames that are right in form and wrong in all else. */
import type { Rng } from '../../src/base/rng.js';
import { frame } from './http2-frames.js';

const upTo = (random: Rng, count: number) => Math.floor(random() * count);

export function noise(random: Rng, count: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: count }, () => upTo(random, 256)));
}

/** A field block that begins well, or does not. */
function block(random: Rng): Buffer {
  const start = random() < 0.7 ? Buffer.from('838684', 'hex') : Buffer.from('88', 'hex');
  return Buffer.concat([start, random() < 0.5 ? noise(random, upTo(random, 12)) : Buffer.alloc(0)]);
}

/** A frame of any type on one of a few streams, its payload mostly of a length that suits it. */
export function anyFrame(random: Rng): Buffer {
  const type = upTo(random, 11);
  const streamId = random() < 0.3 ? 0 : upTo(random, 12);
  const flags = random() < 0.8 ? upTo(random, 2) | (random() < 0.8 ? 4 : 0) : upTo(random, 256);
  const lengths: Readonly<Record<number, number>> = { 2: 5, 3: 4, 4: 6, 6: 8, 7: 8, 8: 4 };
  const length = random() < 0.9 ? lengths[type] : undefined;
  const payload = type === 1 ? block(random) : noise(random, length ?? upTo(random, 40));
  return frame(type, flags, streamId, payload, random() < 0.02 ? upTo(random, 20_000) : undefined);
}

/** So many frames, one after the other, perhaps with noise behind them. */
export function anyFrames(random: Rng, count: number): Buffer {
  const frames = Array.from({ length: upTo(random, count) }, () => anyFrame(random));
  if (random() < 0.2) frames.push(noise(random, 100));
  return Buffer.concat(frames);
}
