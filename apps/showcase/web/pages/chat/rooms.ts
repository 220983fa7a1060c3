// The rooms that this page is in, and which of them is looked at.
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Person } from "../../../shared/chat/contract.js";
import { privatePerPersonMax, roomsPerPersonMax } from "../../../shared/chat/limits.js";
import { pairOf } from "../../../shared/chat/private-room.js";
import { RoomModel } from "./room-model.js";

export class Rooms {
  readonly #all = signal<ReadonlyMap<string, RoomModel>>(new Map());
  readonly #current = signal("");

  /** @param names of last time; as many of each kind are taken as one may be in */
  constructor(names: readonly string[]) {
    this.#set(pick(names).map((name) => RoomModel.remembered(name)));
  }

  get all(): ReadonlySignal<ReadonlyMap<string, RoomModel>> {
    return this.#all;
  }

  /** The one that is looked at; undefined when we are not in it. */
  readonly current: ReadonlySignal<RoomModel | undefined> = computed(() =>
    this.#all.value.get(this.#current.value),
  );

  /** Unread messages in all of them. */
  readonly unread: ReadonlySignal<number> = computed(() =>
    [...this.#all.value.values()].reduce((sum, room) => sum + room.unread.value, 0),
  );

  /** What the page should remember. */
  get listed(): string[] {
    return [...this].flatMap((room) => (room.isListed.value ? [room.name] : []));
  }

  get currentName(): string {
    return this.#current.value;
  }

  /** @param name empty: at none */
  look(name: string): void {
    this.#current.value = name;
  }

  get(name: string): RoomModel | undefined {
    return this.#all.value.get(name);
  }

  /** @returns the limit that is in the way, in words; empty when there is none */
  add(room: RoomModel): string {
    const alike = [...this].filter(({ isPrivate }) => isPrivate === room.isPrivate);
    const max = room.isPrivate ? privatePerPersonMax : roomsPerPersonMax;
    if (alike.length >= max) {
      const what = room.isPrivate ? "private conversations" : "rooms";
      return `You are in ${max} ${what}, which is the most. Leave one first.`;
    }
    this.#set([...this, room]);
    return "";
  }

  drop(name: string): void {
    this.get(name)?.dispose();
    this.#set([...this].filter((room) => room.name !== name));
  }

  /** The other one of a conversation, when they are in a room of ours. */
  findPerson(conversation: string, me: string): Person | undefined {
    const pair = pairOf(conversation);
    const people = [...this].flatMap((room) => room.people.value);
    return people.find(({ id }) => pair?.includes(id) && id !== me);
  }

  [Symbol.iterator](): Iterator<RoomModel> {
    return this.#all.value.values();
  }

  #set(rooms: readonly RoomModel[]): void {
    this.#all.value = new Map(rooms.map((room) => [room.name, room]));
  }
}

/** As many of each kind as one may be in. */
function pick(names: readonly string[]): string[] {
  const isPrivate = (name: string) => pairOf(name) !== undefined;
  return [
    ...names.filter((name) => !isPrivate(name)).slice(0, roomsPerPersonMax),
    ...names.filter(isPrivate).slice(0, privatePerPersonMax),
  ];
}
