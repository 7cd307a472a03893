/** Who is in which room, and handing a message to everyone in one. */

/** Where a call without the metadata key "room" is. */
export const DEFAULT_ROOM = 'lobby';

/** One receiver of a room's messages. */
export interface Member {
  receive(message: Buffer): void;
}

export interface Rooms {
  /** @returns leaves again; harmless when called twice. */
  join(room: string, member: Member): () => void;
  /**
   * Hands a message to every member but its sender.
   * @returns how many it was handed to.
   */
  say(room: string, message: Buffer, sender?: Member): number;
  /** Whether nobody is in it: a message to it need not even be kept. */
  isEmpty(room: string): boolean;
  /** How many rooms have members. */
  readonly size: number;
}

export function createRooms(): Rooms {
  const rooms = new Map<string, Set<Member>>();
  return {
    get size() {
      return rooms.size;
    },
    isEmpty: (room) => rooms.size === 0 || !rooms.has(room),
    join(room, member) {
      const members = rooms.get(room) ?? new Set();
      rooms.set(room, members.add(member));
      return () => {
        // An emptied room is forgotten: names come from clients, and would pile up.
        if (members.delete(member) && members.size === 0) rooms.delete(room);
      };
    },
    say(room, message, sender) {
      const members = rooms.get(room);
      if (members === undefined) return 0;
      let handed = 0;
      for (const member of members) {
        if (member === sender) continue;
        member.receive(message);
        handed++;
      }
      return handed;
    },
  };
}
