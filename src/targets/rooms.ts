/** Who is in which room, and handing a message to everyone in one. */

/** Where a call without the metadata key "room" is. */
export const DEFAULT_ROOM = 'lobby';

/** What a Chat with this entry of metadata does when its client has said everything. */
export const HALF_CLOSE_KEY = 'half-close';

/** Whether such a member stays in its room to listen; others leave it, and their stream ends. */
export function staysSilent(halfClose: string | undefined): boolean {
  return halfClose === 'stay';
}

/** One receiver of a room's messages. */
export interface Member<Message> {
  /** Takes a message in, which may be valid during the call only: that is the server's to know. */
  receive(message: Message): void;
}

/** What a member has of its room. */
export interface Seat<Message> {
  /**
   * Hands a message to every other member.
   * @returns how many it was handed to.
   */
  say(message: Message): number;
  /** Leaves the room; harmless when called twice. */
  leave(): void;
}

export interface Rooms<Message> {
  join(room: string, member: Member<Message>): Seat<Message>;
  /**
   * Hands a message to every member of a room.
   * @returns how many it was handed to.
   */
  say(room: string, message: Message): number;
  /** Whether nobody is in it: a message to it need not even be kept. */
  isEmpty(room: string): boolean;
  /** How many rooms have members. */
  readonly size: number;
}

export function createRooms<Message>(): Rooms<Message> {
  const rooms = new Map<string, Set<Member<Message>>>();
  return {
    get size() {
      return rooms.size;
    },
    isEmpty: (room) => rooms.size === 0 || !rooms.has(room),
    join(room, member) {
      const members = rooms.get(room) ?? new Set();
      rooms.set(room, members.add(member));
      return {
        say: (message) => handOut(members, message, member),
        leave() {
          // An emptied room is forgotten: names come from clients, and would pile up.
          if (members.delete(member) && members.size === 0) rooms.delete(room);
        },
      };
    },
    say(room, message) {
      const members = rooms.get(room);
      return members === undefined ? 0 : handOut(members, message, undefined);
    },
  };
}

function handOut<Message>(
  members: ReadonlySet<Member<Message>>,
  message: Message,
  sender: Member<Message> | undefined,
): number {
  let handed = 0;
  for (const member of members) {
    if (member === sender) continue;
    member.receive(message);
    handed++;
  }
  return handed;
}
