// The one connection that all pages share: the client, and what it tells about itself as signals,
// so that whatever shows them is drawn again when they change.
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Client, ClientState, Failure, LinkedInfo, TransportName } from "@tidewire/client";
import type { ShowcaseContract } from "../../shared/contract.js";

export type ShowcaseClient = Client<ShowcaseContract>;

/** There is no link, and an attempt found none. */
export interface Outage {
  readonly failure: Failure;
  /** When the next attempt comes, in milliseconds of `Date.now()`. */
  readonly retryAt: number;
}

export class Session {
  readonly client: ShowcaseClient;
  readonly #state = signal<ClientState>("connecting");
  readonly #transport = signal<TransportName | undefined>(undefined);
  readonly #outage = signal<Outage | undefined>(undefined);
  readonly #linked = signal<LinkedInfo | undefined>(undefined);
  readonly #waiting = signal<ReadonlyMap<string, number>>(new Map());

  constructor(client: ShowcaseClient) {
    this.client = client;
    this.#state.value = client.state;
    this.#transport.value = client.transport;
    client.watch("state", (state, transport) => {
      this.#state.value = state;
      this.#transport.value = transport;
      if (state === "connected") this.#outage.value = undefined;
    });
    client.watch("failure", (failure, retryInMs) => {
      this.#outage.value = { failure, retryAt: Date.now() + retryInMs };
    });
    client.watch("linked", (info) => {
      this.#linked.value = info;
    });
  }

  get state(): ReadonlySignal<ClientState> {
    return this.#state;
  }

  /** The transport of the live link. */
  get transport(): ReadonlySignal<TransportName | undefined> {
    return this.#transport;
  }

  /** From the first failed attempt until there is a link again. */
  get outage(): ReadonlySignal<Outage | undefined> {
    return this.#outage;
  }

  /** How the latest link continued the session. */
  get linked(): ReadonlySignal<LinkedInfo | undefined> {
    return this.#linked;
  }

  /** How many messages of all pages wait for a link. */
  readonly waiting: ReadonlySignal<number> = computed(() =>
    [...this.#waiting.value.values()].reduce((sum, count) => sum + count, 0),
  );

  /** A page keeps so many messages until there is a link. */
  tellWaiting(page: string, count: number): void {
    if ((this.#waiting.peek().get(page) ?? 0) === count) return;
    this.#waiting.value = new Map(this.#waiting.peek()).set(page, count);
  }
}
