// Who is meant: some rooms or everybody, without some. Plain values, so that it can cross the bus.

import type { Member } from "./member.js";
import type { Rooms } from "./rooms.js";

export interface Selection {
  /** Members of any of them; none: everybody. */
  readonly rooms: readonly string[];
  /** Not these: ids of peers, and members of rooms. */
  readonly exceptIds: readonly string[];
  readonly exceptRooms: readonly string[];
}

export const everybody: Selection = { rooms: [], exceptIds: [], exceptRooms: [] };

/** Calls `visit` once for each member of this node that is meant. */
export function eachSelected<M extends Member>(
  selection: Selection,
  rooms: Rooms<M>,
  all: Iterable<M>,
  visit: (member: M) => void,
): void {
  const { exceptIds, exceptRooms } = selection;
  const isWhole = exceptIds.length === 0 && exceptRooms.length === 0;
  // One room and nobody left out is what most broadcasts are: nothing is asked per member.
  if (isWhole && selection.rooms.length <= 1) {
    const [name] = selection.rooms;
    const members = name === undefined ? all : (rooms.members(name) ?? []);
    for (const member of members) visit(member);
    return;
  }
  const excluded = new Set(exceptIds);
  const excludedSets = exceptRooms.map((name) => rooms.members(name));
  const isMeant = (member: M): boolean =>
    !excluded.has(member.id) && !excludedSets.some((members) => members?.has(member) === true);
  if (selection.rooms.length <= 1) {
    const [name] = selection.rooms;
    for (const member of name === undefined ? all : (rooms.members(name) ?? [])) {
      if (isMeant(member)) visit(member);
    }
    return;
  }
  const union = new Set<M>();
  for (const name of selection.rooms) {
    for (const member of rooms.members(name) ?? []) union.add(member);
  }
  for (const member of union) if (isMeant(member)) visit(member);
}

/** Reads a selection that came over the bus; undefined when it is none. */
export function readSelection(value: unknown): Selection | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { rooms, exceptIds, exceptRooms } = value as Record<keyof Selection, unknown>;
  if (!isNames(rooms) || !isNames(exceptIds) || !isNames(exceptRooms)) return undefined;
  return { rooms, exceptIds, exceptRooms };
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}
