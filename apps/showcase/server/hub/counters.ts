// Sums of what happens in the hub, for the pages that show it.
import type { Counter, Metrics } from "@tidewire/hub";

export class Counters implements Metrics {
  readonly #sums = new Map<Counter, number>();

  count(name: Counter, value: number): void {
    this.#sums.set(name, (this.#sums.get(name) ?? 0) + value);
  }

  /** The sum since the server was started. */
  sum(name: Counter): number {
    return this.#sums.get(name) ?? 0;
  }

  /** Messages of programs: what peers sent, and what was delivered to the members of rooms. */
  get messages(): number {
    return (
      this.sum("hub.events.received") +
      this.sum("hub.requests.received") +
      this.sum("hub.deliveries")
    );
  }
}
