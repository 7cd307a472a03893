/**
 * Policy `wait` of outboxes: who says something in a room waits while an outbox of that room is full.
 *
 *   an outbox is full ──► its room stops: streams of its senders are not read any more, so that flow
 *                         control stops the clients; Says wait for their reply
 *   the last one that was full has room ──► Says go on, then streams, until one is full again
 *
 * A room is stopped as a whole: what comes in while it stands is nobody's yet, so no outbox outgrows
 * its bound.
 */

/** A stream that says things. */
export interface SenderStream {
  pauseReading(): void;
  resumeReading(): void;
}

/** Told of each sender that waits. */
export interface SenderCounter {
  senderStopped(): void;
  senderFreed(): void;
}

export interface RoomBrake {
  /** A stream that may say things in a room. @returns takes it out; harmless when called twice. */
  enter(room: string, sender: SenderStream): () => void;
  /** One more outbox of the room is full, or one fewer. */
  stop(room: string): void;
  free(room: string): void;
  /**
   * Says something once the room does not stand: at once, if it does not.
   * @returns forgets it; harmless when it is said.
   */
  whenFree(room: string, say: () => void): () => void;
}

/** Of servers with another policy: nobody waits. */
export const NO_BRAKE: RoomBrake = {
  enter: () => () => {},
  stop() {},
  free() {},
  whenFree(_room, say) {
    say();
    return () => {};
  },
};

interface RoomState {
  full: number;
  /** Whether each sender is stopped; who was freed last comes last. */
  readonly senders: Map<SenderStream, boolean>;
  readonly sayings: Set<() => void>;
}

export function createRoomBrake(counter: SenderCounter): RoomBrake {
  const rooms = new Map<string, RoomState>();
  const stateOf = (room: string): RoomState => {
    let state = rooms.get(room);
    if (state === undefined) {
      state = { full: 0, senders: new Map(), sayings: new Set() };
      rooms.set(room, state);
    }
    return state;
  };
  const stopSender = (state: RoomState, sender: SenderStream) => {
    state.senders.set(sender, true);
    counter.senderStopped();
    sender.pauseReading();
  };
  /** Rooms are forgotten when nothing is left of them: their names come from clients. */
  const forgetEmpty = (room: string, { full, senders, sayings }: RoomState) => {
    if (full + senders.size + sayings.size === 0) rooms.delete(room);
  };
  return {
    enter(room, sender) {
      const state = stateOf(room);
      state.senders.set(sender, false);
      if (state.full > 0) stopSender(state, sender);
      return () => {
        const wasStopped = state.senders.get(sender);
        if (wasStopped === undefined) return;
        if (wasStopped) counter.senderFreed();
        state.senders.delete(sender);
        forgetEmpty(room, state);
      };
    },
    stop(room) {
      const state = stateOf(room);
      state.full++;
      for (const [sender, isStopped] of state.senders) {
        if (!isStopped) stopSender(state, sender);
      }
    },
    free(room) {
      const state = stateOf(room);
      state.full--;
      goOn(state, counter);
      forgetEmpty(room, state);
    },
    whenFree(room, say) {
      const state = rooms.get(room);
      if (state === undefined || state.full === 0) {
        say();
        return () => {};
      }
      state.sayings.add(say);
      counter.senderStopped();
      return () => {
        if (!state.sayings.delete(say)) return;
        counter.senderFreed();
        forgetEmpty(room, state);
      };
    },
  };
}

/** Lets a room's senders go on, each in turn, as long as no outbox is full. */
function goOn(state: RoomState, counter: SenderCounter): void {
  for (const say of [...state.sayings]) {
    if (state.full > 0) return;
    if (!state.sayings.delete(say)) continue;
    counter.senderFreed();
    say();
  }
  for (const [sender, wasStopped] of [...state.senders]) {
    if (state.full > 0) return;
    // It may have left, or gone on, since.
    if (!wasStopped || state.senders.get(sender) !== true) continue;
    state.senders.delete(sender);
    state.senders.set(sender, false);
    counter.senderFreed();
    sender.resumeReading();
  }
}
