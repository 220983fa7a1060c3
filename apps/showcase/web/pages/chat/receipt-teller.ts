// Tells the server how far we are in each room: at once when there is something new, but not more often
// than every second. What comes in between is in the next one, since marks only grow.

/** Of a room: up to where everything is here, and up to where it was looked at. */
export interface Marks {
  readonly delivered: number;
  readonly read: number;
}

const intervalMs = 1_000;

export class ReceiptTeller {
  readonly #send: (room: string, marks: Marks) => void;
  readonly #told = new Map<string, Marks>();
  readonly #wanted = new Map<string, Marks>();
  /** Rooms of which something was told within the last second. */
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(send: (room: string, marks: Marks) => void) {
    this.#send = send;
  }

  tell(room: string, marks: Marks): void {
    this.#wanted.set(room, marks);
    if (!this.#timers.has(room)) this.#tellNow(room);
  }

  /** The server may not know any more what it was told. */
  forget(room: string): void {
    this.#told.delete(room);
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #tellNow(room: string): void {
    const marks = this.#wanted.get(room);
    this.#wanted.delete(room);
    if (marks === undefined) return;
    const told = this.#told.get(room);
    const isKnown = told?.delivered === marks.delivered && told.read === marks.read;
    if (isKnown || marks.delivered === 0) return;
    this.#told.set(room, marks);
    this.#send(room, marks);
    const again = (): void => {
      this.#timers.delete(room);
      this.#tellNow(room);
    };
    this.#timers.set(room, setTimeout(again, intervalMs));
  }
}
