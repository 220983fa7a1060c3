// Messages of the application on their way to the session's log, in the order of the calls.
//
// Theory. The log cannot forget or reorder what it took (PROTOCOL.md §2.2), so messages wait here
// while there is no link that can take them: here they can still expire, and here they are bounded.
// A message is handed to the log only when the live link is writable, at once if nothing waits
// before it. From then on it is the session's; its fate is told when the server has it (`delivered`),
// or when the session was lost (`failed` with `lost`).

import type { Entry } from "@tidewire/session-protocol";
import type { Alarm } from "./alarms.js";
import { ClientError } from "./client-error.js";
import type { Core } from "./core.js";
import { outboxBytesMax, outboxEntriesMax } from "./limits.js";

/** What becomes of a message, for those who asked. */
export interface Fate {
  /** The log took it, at this position. Undone by `requeued`. */
  handed?(position: number): void;
  /** The session was lost before any link had carried it: it waits again. */
  requeued?(): void;
  /** The server has it. */
  delivered?(): void;
  /** It will not arrive, or (`lost`) nobody knows. */
  failed(error: ClientError): void;
}

export interface Message {
  /** Undefined while an asynchronous schema looks at its data. */
  entry: Entry | undefined;
  readonly name: string;
  readonly data: unknown;
  readonly expiresAt: number;
  readonly fate: Fate | undefined;
  /** Does the handing itself, for what is more than an entry; false: try again later. */
  readonly hand?: () => boolean;
}

export interface OutboxLimits {
  /** Default 1,024. */
  readonly entries?: number;
  /** Default 4 MiB. */
  readonly bytes?: number;
}

/** A message that did not arrive (`expired`, `too-large`), or of which nobody knows (`lost`). */
export interface LostMessage {
  readonly name: string;
  readonly data: unknown;
  readonly code: string;
}

export class Outbox {
  readonly #core: Core;
  readonly #entriesMax: number;
  readonly #bytesMax: number;
  readonly #expiry: Alarm;
  #waiting: Message[] = [];
  #bytes = 0;
  /** In the log, with a fate to tell; positions grow. */
  #handed: { position: number; message: Message }[] = [];

  constructor(core: Core, limits: OutboxLimits = {}) {
    this.#core = core;
    this.#entriesMax = limits.entries ?? outboxEntriesMax;
    this.#bytesMax = limits.bytes ?? outboxBytesMax;
    this.#expiry = core.alarms.alarm(() => this.#expire());
  }

  /** How many messages wait for a link. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Whether a message would be handed over at once. */
  get isOpen(): boolean {
    return this.#waiting.length === 0 && this.#core.session.live?.writable === true;
  }

  /** How many messages in the log have somebody who waits for their arrival. */
  get awaited(): number {
    return this.#handed.length;
  }

  /** @throws {ClientError} `outbox-full`, `too-large`. */
  put(message: Message): void {
    if (message.entry !== undefined && this.isOpen && this.#hand(message)) return;
    const size = message.entry?.size ?? 0;
    if (this.#waiting.length >= this.#entriesMax || this.#bytes + size > this.#bytesMax) {
      throw new ClientError(
        "outbox-full",
        `${this.#waiting.length} messages (${this.#bytes} bytes) wait for a link; the limits are ` +
          `${this.#entriesMax} and ${this.#bytesMax}. Wait for the link, or send with queue: false or a ttlMs.`,
      );
    }
    this.#waiting.push(message);
    this.#bytes += size;
    if (message.expiresAt < this.#expiry.at) this.#expiry.set(message.expiresAt);
  }

  /** The schema is through with a message that was put without its entry. */
  complete(message: Message, entry: Entry): void {
    message.entry = entry;
    if (this.#waiting.includes(message)) this.#bytes += entry.size;
    this.flush();
  }

  /** Takes back a message that no log has taken. False when it is too late. */
  withdraw(message: Message): boolean {
    const at = this.#waiting.indexOf(message);
    if (at < 0) return false;
    this.#waiting.splice(at, 1);
    this.#bytes -= message.entry?.size ?? 0;
    return true;
  }

  /** Hands over what can be: call when a link is new or drained, or the log has room again. */
  flush(): void {
    let taken = 0;
    while (taken < this.#waiting.length && this.#core.session.live?.writable) {
      const message = this.#waiting[taken]!;
      if (message.entry === undefined) break;
      try {
        if (!this.#hand(message)) break;
      } catch (error) {
        this.#fail([message], error as ClientError);
      }
      taken += 1;
      this.#bytes -= message.entry.size;
    }
    if (taken > 0) this.#waiting.splice(0, taken);
  }

  /** Of the session: the server has all entries below `count`. */
  acknowledged(count: number): void {
    let done = 0;
    while (done < this.#handed.length && this.#handed[done]!.position < count) done += 1;
    if (done === 0) return;
    for (const { message } of this.#handed.splice(0, done)) message.fate?.delivered?.();
  }

  /**
   * Of the session: it is lost, and another one begins (PROTOCOL.md §5.7). What no link carried goes
   * first into the new one, in its order; of the rest nobody knows.
   */
  startAnew(unknown: readonly Entry[], unsent: readonly Entry[]): void {
    const known = new Map(this.#handed.map(({ message }) => [message.entry!, message]));
    this.#handed = [];
    const again: Message[] = [];
    for (const entry of unsent) {
      const message = known.get(entry) ?? messageOf(entry);
      known.delete(entry);
      if (message !== undefined) again.push(message);
    }
    for (const message of again) message.fate?.requeued?.();
    this.#waiting.unshift(...again);
    for (const { entry } of again) this.#bytes += entry!.size;
    const error = new ClientError(
      "lost",
      "The session was lost after this was sent: it may or may not have been applied.",
    );
    const lost = unknown.filter((entry) => !known.has(entry)).map(messageOf);
    this.#fail([...known.values(), ...lost.filter((message) => message !== undefined)], error);
  }

  /** The client is closed. */
  failAll(error: ClientError): void {
    const messages = [...this.#handed.map(({ message }) => message), ...this.#waiting];
    this.#handed = [];
    this.#waiting = [];
    this.#bytes = 0;
    this.#expiry.clear();
    this.#fail(messages, error);
  }

  #hand(message: Message): boolean {
    const { entry, fate } = message;
    if (message.hand !== undefined) return message.hand();
    const core = this.#core;
    core.checkSize(entry!);
    const position = core.session.send(entry!, core.alarms.now());
    if (position < 0) return false;
    if (fate !== undefined) {
      this.#handed.push({ position, message });
      fate.handed?.(position);
    }
    return true;
  }

  #expire(): void {
    const now = this.#core.alarms.now();
    const isOver = (message: Message): boolean => message.expiresAt <= now;
    const expired = this.#waiting.filter(isOver);
    this.#waiting = this.#waiting.filter((message) => !isOver(message));
    for (const { entry } of expired) this.#bytes -= entry?.size ?? 0;
    for (const { expiresAt } of this.#waiting) {
      if (expiresAt < this.#expiry.at) this.#expiry.set(expiresAt);
    }
    const text = "Its time to live ran out before a link took it.";
    this.#fail(expired, new ClientError("expired", text));
  }

  #fail(messages: readonly Message[], error: ClientError): void {
    const lost: LostMessage[] = [];
    for (const { name, data, fate } of messages) {
      if (fate === undefined) lost.push({ name, data, code: error.code });
      else fate.failed(error);
    }
    if (lost.length > 0) this.#core.tell("lost", lost);
  }
}

/** Answers, streams and the like belong to the session that is gone. */
function messageOf(entry: Entry): Message | undefined {
  if (entry.type !== "event") return undefined;
  const packet = entry.packet();
  if (packet.type !== "event") return undefined;
  const { name, data } = packet;
  return { entry, name, data, expiresAt: Number.POSITIVE_INFINITY, fate: undefined };
}
