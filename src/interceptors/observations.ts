/**
 * What the interceptors of one worker or backend counted and logged since they were last asked.
 *
 * Counts are kept by interceptor and method, so memory is bounded by the plan and not by the load.
 */
import { type StatusCounts, statusName } from '../base/status.js';
import type { LoggedCall } from '../metrics/call-log.js';
import { DurationHistogram } from '../metrics/histogram.js';
import type { InterceptorCell } from '../metrics/record.js';

/** Methods that are counted apart, by one interceptor; a user's own may call anything a method. */
const METHODS_MAX = 100;
const OTHER_METHODS = 'other methods';
/** Events that are counted apart, of one interceptor and method; a user's own may call one anything. */
const EVENTS_MAX = 50;
const OTHER_EVENTS = 'other events';

interface Cell {
  readonly interceptor: string;
  readonly method: string;
  readonly byCode: StatusCounts;
  readonly duration: DurationHistogram;
  readonly events: Map<string, number>;
}

export class ChainObservations implements Disposable {
  readonly #cells = new Map<string, Map<string, Cell>>();
  #logged = new Map<string, LoggedCall[]>();

  count(interceptor: string, method: string, code: number, durationNs: number): void {
    const cell = this.#cell(interceptor, method);
    const status = statusName(code);
    cell.byCode[status] = (cell.byCode[status] ?? 0) + 1;
    cell.duration.record(durationNs);
  }

  countEvent(interceptor: string, method: string, event: string): void {
    const { events } = this.#cell(interceptor, method);
    const isApart = events.has(event) || events.size < EVENTS_MAX;
    const name = isApart ? event : OTHER_EVENTS;
    events.set(name, (events.get(name) ?? 0) + 1);
  }

  /** @param max as many of one interceptor are kept until they are taken. */
  log(call: LoggedCall, max: number): void {
    const calls = this.#logged.get(call.interceptor) ?? [];
    if (calls.length >= max) return;
    calls.push(call);
    this.#logged.set(call.interceptor, calls);
  }

  /** The counts since the last call of this; those of nothing are left out. */
  takeCounts(): InterceptorCell[] {
    const taken: InterceptorCell[] = [];
    for (const methods of this.#cells.values()) {
      for (const { interceptor, method, byCode, duration, events } of methods.values()) {
        if (duration.count === 0 && events.size === 0) continue;
        taken.push({
          interceptor,
          method,
          byCode: { ...byCode },
          ...(duration.count === 0 ? {} : { duration: duration.encode() }),
          ...(events.size === 0 ? {} : { events: Object.fromEntries(events) }),
        });
        duration.reset();
        events.clear();
        for (const status of Object.keys(byCode)) delete byCode[status as keyof StatusCounts];
      }
    }
    return taken;
  }

  /** The calls logged since the last call of this. */
  takeLogged(): LoggedCall[] {
    if (this.#logged.size === 0) return [];
    const taken = [...this.#logged.values()].flat();
    this.#logged = new Map();
    return taken;
  }

  /** Gives back the histograms' memory; nothing may be counted afterwards. */
  [Symbol.dispose](): void {
    for (const methods of this.#cells.values()) {
      for (const { duration } of methods.values()) duration.destroy();
    }
    this.#cells.clear();
  }

  #cell(interceptor: string, method: string): Cell {
    return this.#cells.get(interceptor)?.get(method) ?? this.#add(interceptor, method);
  }

  #add(interceptor: string, method: string): Cell {
    const methods = this.#cells.get(interceptor) ?? new Map<string, Cell>();
    this.#cells.set(interceptor, methods);
    const name = methods.size < METHODS_MAX ? method : OTHER_METHODS;
    const known = methods.get(name);
    if (known !== undefined) return known;
    const cell: Cell = {
      interceptor,
      method: name,
      byCode: {},
      duration: new DurationHistogram(),
      events: new Map(),
    };
    methods.set(name, cell);
    return cell;
  }
}
