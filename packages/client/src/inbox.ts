// What comes from the server, validated, in order, to whoever listens.

import { type Event, presenceEvent, type Request } from "@tidewire/session-protocol";
import { ClientError } from "./client-error.js";
import type { Core } from "./core.js";
import { validatingMax } from "./limits.js";
import { Listeners, type Unsubscribe } from "./listeners.js";

/** What is known of an event besides its data. */
export interface EventInfo {
  readonly name: string;
  /** Whether it was sent as volatile: not counted, and lost with its link. */
  readonly volatile: boolean;
  /** The room, when it keeps a history, and the event's place in it. */
  readonly room?: string | undefined;
  readonly epoch?: string | undefined;
  readonly offset?: number | undefined;
}

/** Keeps the order of events and requests also when a schema is asynchronous. */
export class Inbox {
  readonly #core: Core;
  readonly #listeners: Listeners<[data: unknown, info: EventInfo]>;
  readonly #any: Listeners<[name: string, data: unknown, info: EventInfo]>;
  /** Packets behind one that waits for its schema, or for what answers it; its first is that one. */
  readonly #validating: (Event | Request)[] = [];

  constructor(core: Core) {
    const report = (error: unknown): void => core.reportError(error);
    this.#core = core;
    this.#listeners = new Listeners(report);
    this.#any = new Listeners(report);
  }

  on(name: string, listener: (data: unknown, info: EventInfo) => unknown): Unsubscribe {
    return this.#listeners.add(name, listener);
  }

  onAny(listener: (name: string, data: unknown, info: EventInfo) => unknown): Unsubscribe {
    return this.#any.add("onAny", listener);
  }

  receive(packet: Event | Request): void {
    if (this.#validating.length === 0) {
      this.#process(packet);
    } else if (this.#validating.length < validatingMax) {
      this.#validating.push(packet);
    } else {
      const text = `${validatingMax} packets wait for an asynchronous schema; "${packet.name}" was dropped`;
      this.#refuse(packet, new ClientError("invalid", text));
    }
  }

  /** Answers false when the packet has to wait for its schema. */
  #process(packet: Event | Request): boolean {
    const { schemas, calls } = this.#core;
    try {
      const { name } = packet;
      if (packet.type === "request") calls.checkHandler(name);
      else if (name !== presenceEvent) schemas.check("server", name);
      let data = schemas.validate("server", name, "data", packet.data);
      if (packet.type === "request") data = calls.whenReady(data);
      if (data instanceof Promise) {
        this.#validating.unshift(packet);
        this.#await(packet, data);
        return false;
      }
      this.#deliver(packet, data);
    } catch (error) {
      this.#refuse(packet, error);
    }
    return true;
  }

  async #await(packet: Event | Request, validated: Promise<unknown>): Promise<void> {
    try {
      const data = await validated;
      this.#validating.shift();
      this.#deliver(packet, data);
    } catch (error) {
      this.#validating.shift();
      this.#refuse(packet, error);
    }
    for (let next = this.#validating.shift(); next !== undefined; next = this.#validating.shift()) {
      if (!this.#process(next)) return;
    }
  }

  #deliver(packet: Event | Request, data: unknown): void {
    if (packet.type === "request") {
      this.#core.calls.receive(packet, data);
      return;
    }
    const { name, volatile, room, epoch, offset } = packet;
    const info: EventInfo = { name, volatile: volatile === true, room, epoch, offset };
    this.#core.positions.note(info);
    this.#listeners.call(name, data, info);
    this.#any.call("onAny", name, data, info);
  }

  #refuse(packet: Event | Request, error: unknown): void {
    const known =
      error instanceof ClientError
        ? error
        : new ClientError("invalid", `The schema of "${packet.name}" threw.`, { cause: error });
    if (packet.type === "request") this.#core.calls.refuse(packet, known);
    else this.#core.reportError(known);
  }
}
