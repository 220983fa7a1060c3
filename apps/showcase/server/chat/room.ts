// One room: who is in it, and what was said lately.
import type { Person, Said, ServerMessage } from "../../shared/server-message.js";
import { historyLengthMax } from "./limits.js";

/** Someone in a room, as the room needs them. */
export interface Occupant {
  readonly person: Person;
  /** Sends an encoded message. */
  send(text: string): void;
}

export class Room {
  readonly name: string;
  readonly #occupants = new Map<string, Occupant>();
  readonly #history: Said[] = [];

  constructor(name: string) {
    this.name = name;
  }

  get size(): number {
    return this.#occupants.size;
  }

  get people(): Person[] {
    return [...this.#occupants.values()].map(({ person }) => person);
  }

  /** What was said lately, oldest first. */
  get history(): readonly Said[] {
    return this.#history;
  }

  has(occupant: Occupant): boolean {
    return this.#occupants.get(occupant.person.id) === occupant;
  }

  add(occupant: Occupant): void {
    const { person } = occupant;
    this.announce({ type: "arrived", room: this.name, person });
    this.#occupants.set(person.id, occupant);
  }

  /** Does nothing when the occupant is not in the room. */
  remove(occupant: Occupant): void {
    const { id } = occupant.person;
    if (!this.has(occupant)) return;
    this.#occupants.delete(id);
    this.announce({ type: "departed", room: this.name, id });
  }

  /** A message that was already said, so that one sent again after a lost receipt is known. */
  find(by: Person, id: string): Said | undefined {
    return this.#history.find((said) => said.id === id && said.by.id === by.id);
  }

  say(said: Said): void {
    this.#history.push(said);
    if (this.#history.length > historyLengthMax) this.#history.shift();
    this.announce({ type: "said", room: this.name, said });
  }

  /** Encodes once for all. */
  announce(message: ServerMessage, except?: Occupant): void {
    if (this.#occupants.size === 0) return;
    const text = JSON.stringify(message);
    for (const occupant of this.#occupants.values()) {
      if (occupant !== except) occupant.send(text);
    }
  }
}
