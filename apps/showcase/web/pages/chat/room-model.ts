// One room as the page knows it.
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Position } from "@tidewire/client";
import type { Person, Present, Said } from "../../../shared/chat/contract.js";

/** Older messages leave the page; a screen reader and a phone are grateful. */
const messagesMax = 500;
/** Someone who typed is shown as typing for this long. Pages say it again every three seconds. */
const typingMs = 5_000;

export class RoomModel {
  readonly name: string;
  /** By session: one person may be here in several tabs. */
  readonly #present = signal<ReadonlyMap<string, Person>>(new Map());
  readonly #messages = signal<readonly Said[]>([]);
  readonly #typing = signal<ReadonlyMap<string, number>>(new Map());
  readonly #unread = signal(0);
  #typingTimer: ReturnType<typeof setTimeout> | undefined;
  #laterTimer: ReturnType<typeof setTimeout> | undefined;
  #position: Position | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** Each once, in the order of their names. */
  readonly people: ReadonlySignal<readonly Person[]> = computed(() => {
    const people = new Map([...this.#present.value.values()].map((person) => [person.id, person]));
    return [...people.values()].sort(
      (a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id),
    );
  });

  /** Up to here the room's history is known, without a gap. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** Oldest first, no message twice. */
  get messages(): ReadonlySignal<readonly Said[]> {
    return this.#messages;
  }

  get unread(): ReadonlySignal<number> {
    return this.#unread;
  }

  /** People who are typing right now. */
  readonly typists: ReadonlySignal<readonly Person[]> = computed(() =>
    this.people.value.filter(({ id }) => this.#typing.value.has(id)),
  );

  /** Names that more than one person here has, or had: these need a mark beside them. */
  readonly sharedNames: ReadonlySignal<ReadonlySet<string>> = computed(() => {
    const people = [...this.people.value, ...this.#messages.value.map(({ by }) => by)];
    const owners = new Map<string, string>();
    const shared = new Set<string>();
    for (const { id, name } of people) {
      const key = nameKey(name);
      const owner = owners.get(key);
      if (owner !== undefined && owner !== id) shared.add(key);
      owners.set(key, id);
    }
    return shared;
  });

  /** We are in it, for the first time or again: what was missed is added. */
  enter(news: {
    readonly people: readonly Present[];
    readonly said: readonly Said[];
    readonly position: Position;
  }): void {
    this.setPresent(news.people);
    this.#typing.value = new Map();
    this.#add(news.said);
    this.#position = news.position;
  }

  /** The room's history has a new end. */
  follow({ epoch, offset }: Position): void {
    const known = this.#position;
    // A leap is no end: what lies in between comes with the next answer to a join.
    if (known?.epoch === epoch && known.offset + 1 === offset) this.#position = { epoch, offset };
  }

  setPresent(present: readonly Present[]): void {
    this.#present.value = new Map(present.map(({ session, person }) => [session, person]));
  }

  changePresent(news: readonly Present[], left: readonly string[]): void {
    const present = new Map(this.#present.value);
    for (const session of left) {
      const person = present.get(session);
      present.delete(session);
      if (person !== undefined) this.#stopTyping(person.id);
    }
    for (const { session, person } of news) present.set(session, person);
    this.#present.value = present;
  }

  say(said: Said): void {
    this.#stopTyping(said.by.id);
    this.#add([said]);
  }

  noteUnread(): void {
    this.#unread.value += 1;
  }

  markRead(): void {
    this.#unread.value = 0;
  }

  noteTyping(id: string): void {
    this.#typing.value = new Map(this.#typing.value).set(id, Date.now() + typingMs);
    this.#typingTimer ??= setTimeout(() => this.#sweepTyping(), typingMs);
  }

  /** Runs `action` after a while, unless the room is left before. */
  later(waitMs: number, action: () => void): void {
    clearTimeout(this.#laterTimer);
    this.#laterTimer = setTimeout(action, waitMs);
  }

  dispose(): void {
    clearTimeout(this.#typingTimer);
    clearTimeout(this.#laterTimer);
  }

  #add(history: readonly Said[]): void {
    const known = new Set(this.#messages.value.map(messageKey));
    const news = history.filter((said) => !known.has(messageKey(said)));
    if (news.length === 0) return;
    const all = [...this.#messages.value, ...news].sort((a, b) => a.at - b.at);
    this.#messages.value = all.slice(-messagesMax);
  }

  #stopTyping(id: string): void {
    if (!this.#typing.value.has(id)) return;
    const typing = new Map(this.#typing.value);
    typing.delete(id);
    this.#typing.value = typing;
  }

  #sweepTyping(): void {
    this.#typingTimer = undefined;
    const now = Date.now();
    const left = [...this.#typing.value].filter(([, until]) => until > now);
    this.#typing.value = new Map(left);
    const next = Math.min(...left.map(([, until]) => until));
    if (left.length > 0) this.#typingTimer = setTimeout(() => this.#sweepTyping(), next - now);
  }
}

/** Ids are made by the pages, so that a message is only the same if its author is as well. */
export function messageKey({ id, by }: Said): string {
  return `${by.id}/${id}`;
}

/** Names that are equal by it look alike. */
export function nameKey(name: string): string {
  return name.normalize("NFKC").toLowerCase();
}
