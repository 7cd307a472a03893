/**
 * What name resolution says to the clients of one driver: all backends, unless discovery faults have it
 * otherwise. A driver subscribes a client for each of its channels.
 *
 *   faults ─► named · answered ─► what is true ── slow ──► what is said ──► clients that have asked
 *
 * It is a name service that pushes: a client that has asked once is told of every change. What it knows
 * already it is not told again when it asks, which a balancer of grpc-js does on each new list, and
 * would for ever; a failure it is told each time.
 */
import type { DiscoveryHost, FaultTimer } from '../faults/fault.js';
import type { DiscoveryCounts } from '../metrics/record.js';

/** A backend, or what stands for one that is gone. */
export interface NamedAddress {
  readonly name: string;
  /** `host:port`, `unix:/path` */
  readonly address: string;
}

/** What is said: addresses in the order of the plan, or a status in their place. */
export type Resolution =
  | { readonly backends: readonly NamedAddress[] }
  | { readonly code: number; readonly details: string };

export interface DiscoveryOptions {
  /** All of them; at least one. */
  readonly backends: readonly NamedAddress[];
  readonly after: FaultTimer['after'];
  /** Called when something else is said than before. */
  onSaid(said: Resolution): void;
}

/** One channel's side of it. */
export interface DiscoveryClient {
  /** Asks for an answer, which comes in a later turn of the event loop, if there is one to give. */
  ask(): void;
  /** Forgets what it was told, and is told nothing more until it asks again. */
  close(): void;
}

/** Things of one sort that are in force; the one that was put there last counts. */
class Stack<Item> {
  readonly #items: { readonly item: Item }[] = [];

  get top(): Item | undefined {
    return this.#items.at(-1)?.item;
  }

  /** @returns takes it away again; harmless when called twice. */
  put(item: Item): () => void {
    const entry = { item };
    this.#items.push(entry);
    return () => {
      const index = this.#items.indexOf(entry);
      if (index !== -1) this.#items.splice(index, 1);
    };
  }
}

export class Discovery
  implements Pick<DiscoveryHost, 'name' | 'fail' | 'freeze' | 'slow'>, Disposable
{
  readonly #options: DiscoveryOptions;
  readonly #named = new Stack<readonly NamedAddress[]>();
  readonly #answered = new Stack<Resolution>();
  readonly #late = new Stack<number>();
  /** What is true now, and what clients are told: the same unless it is slow. */
  #true: Resolution;
  #said: Resolution;
  /** Cancels of what is on its way from the one to the other. */
  readonly #onTheWay = new Set<() => void>();
  /** Those that have asked. */
  readonly #clients = new Set<Client>();
  #counts = { asked: 0, told: 0 };

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    this.#true = { backends: options.backends };
    this.#said = this.#true;
  }

  /** @param tell never called from within `ask`. */
  subscribe(tell: (said: Resolution) => void): DiscoveryClient {
    const client = new Client(tell, {
      said: () => this.#said,
      after: (fire) => this.#afterDelay(fire),
      counts: () => this.#counts,
    });
    return {
      ask: () => {
        this.#clients.add(client);
        client.ask();
      },
      close: () => {
        this.#clients.delete(client);
        client.close();
      },
    };
  }

  name(backends: readonly string[]): () => void {
    const named = this.#options.backends.filter(({ name }) => backends.includes(name));
    return this.#act(this.#named.put(named));
  }

  fail(code: number, details: string): () => void {
    return this.#act(this.#answered.put({ code, details }));
  }

  freeze(gone: number): () => void {
    const backends = [...goneAddresses(gone, this.#options.backends), ...this.#namedNow()];
    return this.#act(this.#answered.put({ backends }));
  }

  slow(ns: number): () => void {
    const undo = this.#late.put(ns);
    return () => {
      undo();
      // What it held back it tells now.
      for (const cancel of this.#onTheWay) cancel();
      this.#onTheWay.clear();
      this.#say(this.#true);
      for (const client of this.#clients) client.answer();
    };
  }

  /** What clients asked and were told since this was last taken. */
  takeCounts(): DiscoveryCounts {
    const counts = this.#counts;
    this.#counts = { asked: 0, told: 0 };
    return counts;
  }

  /** Says nothing more. */
  [Symbol.dispose](): void {
    for (const cancel of this.#onTheWay) cancel();
    this.#onTheWay.clear();
    for (const client of this.#clients) client.close();
    this.#clients.clear();
  }

  #namedNow(): readonly NamedAddress[] {
    return this.#named.top ?? this.#options.backends;
  }

  #act(undo: () => void): () => void {
    this.#change();
    return () => {
      undo();
      this.#change();
    };
  }

  /** Looks what is true now, and sees to it that it is said. */
  #change(): void {
    const now = this.#answered.top ?? { backends: this.#namedNow() };
    if (isSame(now, this.#true)) return;
    this.#true = now;
    if (this.#late.top === undefined) this.#say(now);
    else this.#afterDelay(() => this.#say(now));
  }

  /** Fires after the delay of the moment; in a later turn of the event loop where there is none. */
  #afterDelay(fire: () => void): void {
    const { top } = this.#late;
    if (top === undefined) {
      process.nextTick(fire);
      return;
    }
    const cancel = this.#options.after(top, () => {
      this.#onTheWay.delete(cancel);
      fire();
    });
    this.#onTheWay.add(cancel);
  }

  #say(said: Resolution): void {
    if (isSame(said, this.#said)) return;
    this.#said = said;
    this.#options.onSaid(said);
    for (const client of this.#clients) client.hear();
  }
}

/** What a client needs of the name service. */
interface Service {
  said(): Resolution;
  after(fire: () => void): void;
  counts(): { asked: number; told: number };
}

class Client {
  readonly #tell: (said: Resolution) => void;
  readonly #service: Service;
  #told: Resolution | undefined;
  /** Stands for the answer that it waits for. */
  #awaited: object | undefined;

  constructor(tell: (said: Resolution) => void, service: Service) {
    this.#tell = tell;
    this.#service = service;
  }

  ask(): void {
    this.#service.counts().asked++;
    const said = this.#service.said();
    const knows = this.#told === said && 'backends' in said;
    if (knows || this.#awaited !== undefined) return;
    const answer = {};
    this.#awaited = answer;
    this.#service.after(() => {
      if (this.#awaited === answer) this.answer();
    });
  }

  /** Answers, if it waits for an answer. */
  answer(): void {
    if (this.#awaited === undefined) return;
    this.#awaited = undefined;
    this.#hand(this.#service.said());
  }

  /** Something else is said now. One that still waits for its first answer hears it in its time. */
  hear(): void {
    if (this.#told !== undefined) this.#hand(this.#service.said());
  }

  close(): void {
    this.#told = undefined;
    this.#awaited = undefined;
  }

  #hand(said: Resolution): void {
    if (this.#told === said && 'backends' in said) return;
    this.#told = said;
    this.#service.counts().told++;
    this.#tell(said);
  }
}

function isSame(a: Resolution, b: Resolution): boolean {
  if (!('backends' in a && 'backends' in b)) {
    return 'code' in a && 'code' in b && a.code === b.code && a.details === b.details;
  }
  const { length } = a.backends;
  return length === b.backends.length && a.backends.every((one, at) => one === b.backends[at]);
}

/**
 * Addresses like those of the backends that refuse connections: no service of a machine listens on port
 * 1 of a loopback address other than the first, nor on a socket beside ours.
 */
function goneAddresses(count: number, [like]: readonly NamedAddress[]): NamedAddress[] {
  const isUnix = like?.address.startsWith('unix:') === true;
  return Array.from({ length: count }, (_, index) => ({
    name: `gone-${index + 1}`,
    address: isUnix ? `${like.address}.gone-${index + 1}` : `127.0.0.${index + 2}:1`,
  }));
}
