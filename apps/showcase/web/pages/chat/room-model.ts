// One room as the page knows it.
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Position } from "@tidewire/client";
import type { Person, Present, Receipt, Said } from "../../../shared/chat/contract.js";
import { pairOf } from "../../../shared/chat/private-room.js";
import type { Marks } from "./receipt-teller.js";

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
  /** Our own id; empty until the server has told it. */
  readonly #me = signal("");
  readonly #receipts = signal<ReadonlyMap<string, Receipt>>(new Map());
  /** Up to this time we have read. */
  readonly #read = signal(0);
  readonly #isEntered = signal(false);
  readonly #other = signal<Person | undefined>(undefined);
  #typingTimer: ReturnType<typeof setTimeout> | undefined;
  #laterTimer: ReturnType<typeof setTimeout> | undefined;
  #position: Position | undefined;

  /** The newest messages are in sight, when the room is. */
  readonly isAtEnd: Signal<boolean> = signal(true);
  /** We have come in ourselves. */
  readonly isWanted: Signal<boolean> = signal(false);

  /** @param other whose conversation with us it is, as far as that is known */
  constructor(name: string, other?: Person) {
    this.name = name;
    this.#other.value = other;
  }

  /** A room that we were in before. */
  static remembered(name: string): RoomModel {
    const room = new RoomModel(name);
    room.isWanted.value = true;
    return room;
  }

  /** Whether it is shown among ours: a conversation that others have begun, once something is said. */
  readonly isListed: ReadonlySignal<boolean> = computed(
    () => !this.isPrivate || this.isWanted.value || this.#messages.value.length > 0,
  );

  /** A conversation of two. */
  get isPrivate(): boolean {
    return pairOf(this.name) !== undefined;
  }

  /** The other one in a private conversation. */
  readonly other: ReadonlySignal<Person | undefined> = computed(() => {
    const pair = pairOf(this.name);
    const me = this.#me.value;
    if (pair === undefined || me === "") return this.#other.value;
    const id = pair[0] === me ? pair[1] : pair[0];
    const isTheirs = (person: Person | undefined) => person?.id === id && person.name !== "";
    const spoken = this.#messages.value.findLast(({ by }) => isTheirs(by))?.by;
    const known = [this.people.value.find(isTheirs), this.#other.value, spoken].find(isTheirs);
    return known ?? { id, name: `Somebody #${id.slice(0, 4)}` };
  });

  /** Whether the other one is here now. */
  readonly isOtherHere: ReadonlySignal<boolean> = computed(() =>
    this.people.value.some(({ id }) => id === this.other.value?.id),
  );

  /** What it is called to us. */
  readonly title: ReadonlySignal<string> = computed(() => this.other.value?.name ?? this.name);

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

  /** Messages of others that we have not read. */
  readonly unread: ReadonlySignal<number> = computed(() => {
    const [me, read] = [this.#me.value, this.#read.value];
    return this.#messages.value.filter(({ by, at }) => at > read && by.id !== me).length;
  });

  /** What has become of our own messages, by their ids. */
  get receipts(): ReadonlySignal<ReadonlyMap<string, Receipt>> {
    return this.#receipts;
  }

  /** How far we are; undefined while what is missing has not come yet. */
  readonly marks: ReadonlySignal<Marks | undefined> = computed(() => {
    if (!this.#isEntered.value) return undefined;
    const delivered = this.#messages.value.findLast(({ by }) => by.id !== this.#me.value)?.at ?? 0;
    return { delivered, read: Math.min(this.#read.value, delivered) };
  });

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
    readonly you: string;
    readonly people: readonly Present[];
    readonly said: readonly Said[];
    readonly position: Position;
    readonly read: number;
    readonly receipts: readonly Receipt[];
    readonly with?: Person | undefined;
  }): void {
    batch(() => {
      this.#me.value = news.you;
      if (news.with !== undefined) this.#other.value = news.with;
      this.setPresent(news.people);
      this.#typing.value = new Map();
      this.#read.value = Math.max(this.#read.value, news.read);
      this.#add(news.said);
      this.noteReceipts(news.receipts);
      this.#isEntered.value = true;
    });
    this.#position = news.position;
  }

  /** Something may be missing until it is entered again. */
  lose(): void {
    this.#isEntered.value = false;
  }

  noteReceipts(receipts: readonly Receipt[]): void {
    if (receipts.length === 0) return;
    const all = new Map(this.#receipts.value);
    for (const receipt of receipts) all.set(receipt.id, receipt);
    const kept = new Set(this.#messages.value.map(({ id }) => id));
    // A receipt may be sooner here than its message.
    this.#receipts.value = new Map(
      [...all].filter(([id]) => kept.has(id) || receipts.some((receipt) => receipt.id === id)),
    );
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

  /** All that is here was read. */
  markRead(): void {
    this.#read.value = Math.max(this.#read.value, this.#messages.value.at(-1)?.at ?? 0);
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
