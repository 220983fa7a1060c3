// One room as the page knows it.
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Person, Said } from "../../shared/server-message.js";

/** Older messages leave the page; a screen reader and a phone are grateful. */
const messagesMax = 500;
/** Someone who typed is shown as typing for this long. Pages say it again every three seconds. */
const typingMs = 5_000;

export class RoomModel {
  readonly name: string;
  readonly #people = signal<readonly Person[]>([]);
  readonly #messages = signal<readonly Said[]>([]);
  readonly #typing = signal<ReadonlyMap<string, number>>(new Map());
  readonly #unread = signal(0);
  #typingTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** In the order of their names. */
  get people(): ReadonlySignal<readonly Person[]> {
    return this.#people;
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
    this.#people.value.filter(({ id }) => this.#typing.value.has(id)),
  );

  /** Names that more than one person here has, or had: these need a mark beside them. */
  readonly sharedNames: ReadonlySignal<ReadonlySet<string>> = computed(() => {
    const people = [...this.#people.value, ...this.#messages.value.map(({ by }) => by)];
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
  enter(people: readonly Person[], history: readonly Said[]): void {
    this.#setPeople(people);
    this.#typing.value = new Map();
    this.#add(history);
  }

  arrive(person: Person): void {
    this.#setPeople([...this.#people.value.filter(({ id }) => id !== person.id), person]);
  }

  depart(id: string): void {
    this.#people.value = this.#people.value.filter((person) => person.id !== id);
    this.#stopTyping(id);
  }

  rename(person: Person): void {
    if (this.#people.value.some(({ id }) => id === person.id)) this.arrive(person);
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

  dispose(): void {
    clearTimeout(this.#typingTimer);
  }

  #setPeople(people: readonly Person[]): void {
    this.#people.value = [...people].sort(
      (a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id),
    );
  }

  #add(history: readonly Said[]): void {
    const known = new Set(this.#messages.value.map(messageKey));
    const news = history.filter((said) => !known.has(messageKey(said)));
    if (news.length === 0) return;
    this.#messages.value = [...this.#messages.value, ...news].slice(-messagesMax);
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
