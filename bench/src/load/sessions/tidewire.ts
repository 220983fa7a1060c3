// PROTOCOL.md as the load speaks it: the packets that it sends, and what it must tell apart.

import type { Language, Said } from "./session.js";

const REQUEST_ID = 1;

export const tidewire: Language = {
  event: (name, data) => JSON.stringify({ type: "event", name, data }),
  // One request is under way per session, so one id will do (§8.2).
  request: (name, data) => JSON.stringify({ type: "request", id: REQUEST_ID, name, data }),
  read(text): Said {
    const { type, name, data } = JSON.parse(text) as Record<string, unknown>;
    if (type === "event" && typeof name === "string") return { name, data };
    if (type === "reply") return { name: undefined, data };
    throw new Error(`Neither an event nor a reply: ${text.slice(0, 200)}`);
  },
};

/** §6.2: the default of `limits.ackEntries`. */
const ACK_ENTRIES = 64;

/** Behind `{"type":"`: the packets that the hub sends here differ in one letter, or in two. */
const TYPE_AT = 9;

/** Where the next entry of an answer stands (§10.4, §10.5): answers cross, and may repeat what others brought. */
export interface Reading {
  position: number;
}

interface Welcome {
  readonly type: string;
  readonly answer: string;
  readonly session: string;
  readonly secret?: string;
  readonly position: number;
}

/**
 * The state of one client: its session, its counts, and what is to be done with each packet. The
 * transport says how things are written.
 */
export class TidewireClient {
  session: string | undefined;
  secret: string | undefined;
  link = 0;
  received = 0;
  /** Entries that were written: the position of the next (§10.4). */
  sent = 0;
  onMessage: (bytes: Buffer, start: number, end: number) => void = () => {};
  /** The welcome arrived: whether the session goes on. */
  onWelcome: (resumed: boolean) => void = () => {};
  onOwed: (packets: readonly string[]) => void = () => {};
  onFailure: (error: Error) => void = () => {};

  hello(former: boolean): string {
    this.link += 1;
    const { session, secret, received } = this;
    if (!former) this.received = 0;
    return JSON.stringify({
      type: "hello",
      version: 1,
      link: this.link,
      ...(former && { session, secret, received }),
    });
  }

  /** A session that no server knows. */
  forge(): void {
    this.session = "unknown-".repeat(4);
    this.secret = "unknown-".repeat(6);
    this.received = 7;
  }

  batch(more: { position?: number; received?: number }): string {
    const { session, secret, link } = this;
    return JSON.stringify({ type: "batch", session, secret, link, ...more });
  }

  get ack(): string {
    return `{"type":"ack","count":${this.received}}`;
  }

  /** Takes one packet, over HTTP with where it stands. */
  receive(bytes: Buffer, start: number, end: number, reading?: Reading): void {
    switch (bytes[start + TYPE_AT]) {
      case 0x65: // event
      case 0x72: // reply
        if (reading !== undefined && reading.position++ < this.received) return;
        this.received += 1;
        this.onMessage(bytes, start, end);
        if (this.received % ACK_ENTRIES === 0) this.onOwed([this.ack]);
        return;
      case 0x61: // ack
        if (reading !== undefined) this.#seek(bytes.toString("utf8", start, end), reading);
        return;
      case 0x77: // welcome
        this.#welcome(bytes.toString("utf8", start, end));
        if (reading !== undefined) reading.position = this.received;
        return;
      case 0x70: // ping, pong
        this.#ping(bytes.toString("utf8", start, end));
        return;
      default:
        this.onFailure(new Error(`The hub said ${bytes.toString("utf8", start, end)}`));
    }
  }

  #seek(text: string, reading: Reading): void {
    if (!text.includes("position")) return;
    const { position } = JSON.parse(text) as { position: number };
    if (position > this.received) this.onFailure(new Error(`An entry is missing: ${text}`));
    reading.position = position;
  }

  #welcome(text: string): void {
    const welcome = JSON.parse(text) as Welcome;
    if (welcome.type !== "welcome") throw new Error(`Not a welcome: ${text}`);
    const resumed = welcome.answer === "resumed";
    this.session = welcome.session;
    if (welcome.secret !== undefined) this.secret = welcome.secret;
    if (resumed && welcome.position !== this.received) {
      this.onFailure(new Error(`The hub goes on at ${welcome.position}, not ${this.received}.`));
    }
    if (!resumed) {
      this.received = 0;
      this.sent = 0;
    }
    this.onWelcome(resumed);
  }

  #ping(text: string): void {
    const { type, id } = JSON.parse(text) as { type: string; id: number };
    if (type === "ping") this.onOwed([this.ack, `{"type":"pong","id":${id}}`]);
  }
}
