/**
 * A proxy's counters as names and numbers, so that what it learns to count is shown by every face
 * without a change there.
 */
import { statusName } from '../../base/status.js';

/** Names to numbers; statuses as `statuses.OK`. Those that count nothing yet are there too. */
export type Figures = Readonly<Record<string, number>>;

/** A list of this name has a number for each gRPC status code; of another, for each place in it. */
const BY_STATUS = 'statuses';

/** All that is a number, under its place in dots; in lists zeros are left out. */
export function figuresOf(counters: object): Figures {
  const figures: Record<string, number> = {};
  const visit = (value: unknown, place: string) => {
    if (typeof value === 'number') figures[place] = value;
    else if (Array.isArray(value)) {
      for (const [index, count] of value.entries()) {
        if (count > 0) visit(count, `${place}.${place === BY_STATUS ? statusName(index) : index}`);
      }
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        visit(inner, place === '' ? key : `${place}.${key}`);
      }
    }
  };
  visit(counters, '');
  return figures;
}

/** What was counted since `base`. */
export function figuresSince(base: Figures, now: Figures): Figures {
  const since = Object.entries(now).map(([name, count]) => [name, count - (base[name] ?? 0)]);
  return Object.fromEntries(since) as Figures;
}
