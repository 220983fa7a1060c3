// A room of the chat, or a conversation of two: what it knows beside the hub, which knows who is in it
// and what was said.
import type { Attachment, Person, Said } from "../../../shared/chat/contract.js";
import { pairOf } from "../../../shared/chat/private-room.js";
import { historyLengthMax, roomHistory } from "./limits.js";
import { Receipts } from "./receipts.js";

export class ChatRoom {
  readonly name: string;
  /** The ids of the two whose conversation it is. */
  readonly pair: readonly [string, string] | undefined;
  readonly receipts: Receipts;
  readonly #sessions = new Map<string, string>();
  /** How many sessions a person has here. */
  readonly #people = new Map<string, number>();
  /** The latest messages by author and id, oldest first. */
  readonly #said = new Map<string, Said>();
  #latest = 0;

  constructor(name: string) {
    this.name = name;
    this.pair = pairOf(name);
    // In a conversation of two a message waits for the other one, wherever they are.
    this.receipts = new Receipts((id) => this.pair !== undefined || this.hasPerson(id));
    for (const id of this.pair ?? []) this.receipts.add({ id, name: "" }, 0);
  }

  /** People, each once, however many of their tabs are here. */
  get people(): number {
    return this.#people.size;
  }

  /** The latest messages, oldest first. */
  get messages(): Said[] {
    return [...this.#said.values()];
  }

  has(session: string): boolean {
    return this.#sessions.has(session);
  }

  /** Whether a person is here already, in whatever tab. */
  hasPerson(id: string): boolean {
    return this.#people.has(id);
  }

  /** The other one of the two. */
  otherThan(person: string): string | undefined {
    return this.pair?.find((id) => id !== person);
  }

  /** Whether it is a conversation in which nothing is left to read for whoever is away. */
  isOver(now: number): boolean {
    const isForgotten = this.#said.size === 0 || now - this.#latest >= roomHistory.ageMs;
    return this.people === 0 && isForgotten;
  }

  /** @param isBack they have followed it before, if only on a server that has been restarted since */
  add(session: string, person: Person, isBack = false): void {
    this.#sessions.set(session, person.id);
    this.#people.set(person.id, (this.#people.get(person.id) ?? 0) + 1);
    // Newcomers are told what was said before, but it was not for them.
    this.receipts.add(person, isBack || this.pair !== undefined ? 0 : this.#nextTime());
  }

  remove(session: string): void {
    const person = this.#sessions.get(session);
    if (person === undefined) return;
    this.#sessions.delete(session);
    const left = (this.#people.get(person) ?? 1) - 1;
    if (left > 0) this.#people.set(person, left);
    else this.#people.delete(person);
  }

  /** A message that was said already, so that one sent again after a lost receipt is known. */
  find(by: string, id: string): Said | undefined {
    return this.#said.get(`${by}/${id}`);
  }

  /** Takes a message in, at a time that no other one has. */
  say(by: Person, id: string, text: string, attachment?: Attachment): Said {
    const at = this.#nextTime();
    const said: Said = { room: this.name, id, by, at, text, ...(attachment && { attachment }) };
    this.#said.set(`${by.id}/${id}`, said);
    return said;
  }

  /** Gives up the oldest message when there are more than are kept. */
  trim(): Said | undefined {
    if (this.#said.size <= historyLengthMax) return undefined;
    const [entry] = this.#said;
    if (entry !== undefined) this.#said.delete(entry[0]);
    return entry?.[1];
  }

  /** @returns whether its authors are to be told */
  noteSeen(person: string, delivered: number, read: number): boolean {
    return this.receipts.note(person, delivered, read, this.#latest);
  }

  #nextTime(): number {
    this.#latest = Math.max(Date.now(), this.#latest + 1);
    return this.#latest;
  }
}
