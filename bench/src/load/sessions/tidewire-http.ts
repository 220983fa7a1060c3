// Tidewire over HTTP (PROTOCOL.md §10.2–§10.5): an open response or polls down, POSTs up.

import { createPost, HttpLane } from "./http-lane.js";
import { Lines } from "./lines.js";
import { type Message, type Session, Wait, type Where } from "./session.js";
import { TidewireClient } from "./tidewire.js";

export type HttpKind = "sse" | "stream" | "poll";

const BRACE = 0x7b;
const D = 0x64;
const ndjson = "application/x-ndjson";

export class TidewireHttp implements Session {
  readonly #kind: HttpKind;
  readonly #client = new TidewireClient();
  readonly #down: HttpLane;
  readonly #up: HttpLane;
  readonly #waiting: Message[] = [];
  #owed: readonly string[] = [];
  /** Counts cuts: what an older link's lanes still report is nobody's business. */
  #life = 0;

  constructor(where: Where, kind: HttpKind) {
    this.#kind = kind;
    const fail = (error: Error): void => this.#client.onFailure(error);
    this.#down = new HttpLane(where, fail);
    this.#up = new HttpLane(where, fail);
    this.#client.onOwed = (packets) => {
      // A poll tells the count by itself (§10.5), and so does a POST, when there is one.
      this.#owed = kind === "poll" ? packets.filter((text) => !text.includes('"ack"')) : packets;
      this.#flush();
    };
  }

  set onMessage(listen: Session["onMessage"]) {
    this.#client.onMessage = listen;
  }

  set onFailure(fail: Session["onFailure"]) {
    this.#client.onFailure = fail;
  }

  async open(former: boolean): Promise<boolean> {
    const welcome = new Wait<boolean>("A welcome");
    this.#client.onWelcome = welcome.resolve;
    const lines = this.#read(0);
    const hello = createPost(`/tidewire/${this.#kind}`, ndjson, `${this.#client.hello(former)}\n`);
    const life = this.#life;
    const isOpen = this.#kind !== "poll";
    const done = (): void => {
      if (isOpen) this.#client.onFailure(new Error("The hub ended the response."));
      else if (life === this.#life) this.#poll();
    };
    this.#down.request(hello, (...piece) => lines.receive(...piece), done, isOpen);
    return await welcome.promise;
  }

  forge(): void {
    this.#client.forge();
  }

  send(message: Message): void {
    this.#waiting.push(message);
    this.#flush();
  }

  cut(): void {
    this.#life += 1;
    this.#waiting.length = 0;
    this.#owed = [];
    this.#down.cut();
    this.#up.cut();
  }

  #poll(): void {
    const { received } = this.#client;
    const lines = this.#read(received);
    const batch = `${this.#client.batch({ received })}\n`;
    this.#down.request(
      createPost("/tidewire/poll", ndjson, batch),
      (...piece) => lines.receive(...piece),
      () => this.#poll(),
    );
  }

  /** §10.4: one POST at a time. */
  #flush(): void {
    if (this.#up.isBusy || (this.#waiting.length === 0 && this.#owed.length === 0)) return;
    const entries = this.#waiting.splice(0);
    const { sent, received } = this.#client;
    // §10.4: it says what has arrived, and its answer may bring more.
    const head = this.#client.batch({ ...(entries.length > 0 && { position: sent }), received });
    this.#client.sent += entries.length;
    const texts = [head, ...this.#owed, ...entries.map(({ text }) => text)];
    this.#owed = [];
    const lines = this.#read(received);
    this.#up.request(
      createPost("/tidewire/send", ndjson, `${texts.join("\n")}\n`),
      (...piece) => lines.receive(...piece),
      () => this.#flush(),
    );
  }

  /** Reads an answer whose first entry has this position. */
  #read(position: number): Lines {
    const reading = { position };
    return new Lines((bytes, start, end) => {
      if (bytes[start] === BRACE) this.#client.receive(bytes, start, end, reading);
      else if (bytes[start] === D) {
        this.#client.receive(bytes, start + "data: ".length, end, reading);
      }
    });
  }
}
