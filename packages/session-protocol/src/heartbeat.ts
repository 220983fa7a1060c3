// Whether one link is alive (PROTOCOL.md §7.1–§7.3). Silence has two parts: it is noticed and asked
// about, and then an answer is awaited with patience. `dueAt` ends the part that goes on now.

export class Heartbeat {
  /** When to ask, or, once asked, when to give the link up; in the session's own time. */
  dueAt = 0;
  /** Whether a ping, or the hello, has been followed by nothing so far. */
  isAsked = false;
  #isForgiven = false;

  /** A sign of life: the next is expected within `intervalMs`. */
  heard(time: number, intervalMs: number): void {
    this.dueAt = time + intervalMs;
    this.isAsked = false;
    this.#isForgiven = false;
  }

  /** A ping or hello goes out. Asking again during a silence does not prolong it. */
  ask(time: number, patienceMs: number): void {
    if (this.isAsked) return;
    this.isAsked = true;
    this.dueAt = time + patienceMs;
  }

  /** §7.3: we were away, not they: the silence so far counts for nothing. Once per silence. */
  forgive(time: number): boolean {
    if (this.#isForgiven) return false;
    this.#isForgiven = true;
    this.isAsked = false;
    this.dueAt = time;
    return true;
  }
}
