// A conversation of two people is a room whose name says who they are: whoever knows it can be told
// apart from the two, and no visitor can call a room of theirs so (see `tidyRoomName`).

const pattern = /^@([0-9a-f]{16})\+([0-9a-f]{16})$/;

/** The same for both. */
export function privateRoom(one: string, other: string): string {
  return `@${[one, other].sort().join("+")}`;
}

/** The ids of the two; undefined when it is a room for all. */
export function pairOf(room: string): readonly [string, string] | undefined {
  const [, one, other] = pattern.exec(room) ?? [];
  return one === undefined || other === undefined ? undefined : [one, other];
}
