// A room of the chat: what it knows beside the hub, which knows who is in it and what was said.
import type { Said } from "../../../shared/chat/contract.js";
import { historyLengthMax } from "./limits.js";

export class ChatRoom {
  readonly name: string;
  readonly #sessions = new Map<string, string>();
  /** The latest messages by author and id, oldest first. */
  readonly #said = new Map<string, Said>();

  constructor(name: string) {
    this.name = name;
  }

  /** People, each once, however many of their tabs are here. */
  get people(): number {
    return new Set(this.#sessions.values()).size;
  }

  has(session: string): boolean {
    return this.#sessions.has(session);
  }

  /** Whether a person is here already, in whatever tab. */
  hasPerson(id: string): boolean {
    for (const person of this.#sessions.values()) if (person === id) return true;
    return false;
  }

  add(session: string, person: string): void {
    this.#sessions.set(session, person);
  }

  remove(session: string): void {
    this.#sessions.delete(session);
  }

  /** A message that was said already, so that one sent again after a lost receipt is known. */
  find(by: string, id: string): Said | undefined {
    return this.#said.get(`${by}/${id}`);
  }

  note(said: Said): void {
    this.#said.set(`${said.by.id}/${said.id}`, said);
    if (this.#said.size <= historyLengthMax) return;
    const [oldest] = this.#said.keys();
    if (oldest !== undefined) this.#said.delete(oldest);
  }
}
