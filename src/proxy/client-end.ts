/** A client's connection to the proxy: we are its server. Each request becomes a call of its link. */
import type { ResetCause } from '../http2/connection-options.js';
import { CANCEL, REFUSED_STREAM } from '../http2/error-code.js';
import type { HeaderBlock } from '../http2/header-block.js';
import type { Settings } from '../http2/settings.js';
import { acceptTransport } from '../http2/socket-transport.js';
import type { ShapedSocket } from './bytes/shaped-socket.js';
import type { ProxyCounters } from './proxy-counters.js';
import { RELAY_OPTIONS, RelayEnd } from './relay-end.js';
import { RelayStream } from './relay-stream.js';

/** What a client's connection asks of its link. */
export interface ClientEndOwner {
  readonly counters: ProxyCounters;
  /** A call has come: its stream to the server is still to be started. */
  onCall(stream: RelayStream, block: HeaderBlock, endStream: boolean): void;
  onClientSettings(settings: Readonly<Settings>): void;
  /** Takes the answer to a PING over; false leaves it to the connection. */
  onClientPing(payload: Buffer): boolean;
  /** The client starts no more calls. */
  onClientLeaving(code: number, debug: string): void;
  onClientGone(error: Error | undefined): void;
}

export class ClientEnd extends RelayEnd {
  readonly #owner: ClientEndOwner;

  /** @param settings what the client is told: the server's limits, where there is one server. */
  constructor(socket: ShapedSocket, settings: Partial<Settings>, owner: ClientEndOwner) {
    super((handler, events) =>
      acceptTransport(socket.open, { ...RELAY_OPTIONS, settings }, handler, events),
    );
    this.#owner = owner;
  }

  get counters(): ProxyCounters {
    return this.#owner.counters;
  }

  onHeaders(id: number, block: HeaderBlock, endStream: boolean, slot: number): void {
    if (block.kind === 'trailers') {
      this.streams[slot]?.other.sendBlock(block, true);
      return;
    }
    const stream = new RelayStream(this);
    stream.id = id;
    stream.slot = slot;
    this.streams[slot] = stream;
    this.#owner.onCall(stream, block, endStream);
  }

  /**
   * Sends the client GOAWAY and gives up all calls above its last stream.
   * @param last `all`: the highest that has come; `none`: 0; or a stream id.
   */
  sendGoaway(last: 'all' | 'none' | number, code: number, debug: string): void {
    const { lastPeerStreamId } = this.connection;
    const lastId = last === 'all' ? lastPeerStreamId : last === 'none' ? 0 : last;
    this.connection.goaway(lastId, code, debug);
    this.#cutOff(lastId);
  }

  #cutOff(lastStreamId: number): void {
    for (const stream of this.streams) {
      if (stream === undefined || stream.id <= lastStreamId) continue;
      stream.other.reset(CANCEL);
      stream.reset(REFUSED_STREAM);
    }
  }

  override onReset(id: number, code: number, cause: ResetCause, slot: number): void {
    if (cause === 'peer') this.counters.resetsByClients++;
    super.onReset(id, code, cause, slot);
  }

  onSettings(settings: Readonly<Settings>): void {
    this.#owner.onClientSettings(settings);
  }

  onGoaway(_lastStreamId: number, code: number, debug: string): void {
    this.#owner.onClientLeaving(code, debug);
  }

  onPing(payload: Buffer): boolean {
    return this.#owner.onClientPing(payload);
  }

  onIdle(): void {
    this.transport.finish();
  }

  protected onGone(error: Error | undefined): void {
    this.#owner.onClientGone(error);
  }
}
