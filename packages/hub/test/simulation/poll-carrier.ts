// §10.5, §10.6: a row of polls, long or short, and POSTs beside them.

import { frame, jsonCodec, type Link, type LinkPort } from "@tidewire/session-protocol";
import type { Carrier, Place } from "./carrier.js";
import { PostQueue, receiveAll } from "./post-queue.js";
import { type Answer, ask } from "./request.js";
import { limits } from "./site.js";

const patienceMs = 3_000;
const triesMax = 4;

export class PollCarrier implements Carrier {
  readonly kind: "long-poll" | "poll";
  readonly port: LinkPort;
  link: Link | undefined;
  readonly #place: Place;
  readonly #posts: PostQueue;
  readonly #waitMs: number;
  #isOpen = false;
  #failures = 0;
  /** Answers to former turns are not heard. */
  #turn = 0;
  #giveUp: () => void = () => {};

  constructor(place: Place, kind: "long-poll" | "poll") {
    this.kind = kind;
    this.#place = place;
    this.#waitMs = kind === "poll" ? 0 : limits.pollMs;
    this.#posts = new PostQueue(place, this);
    this.port = {
      codec: jsonCodec,
      allowanceMs: patienceMs,
      write: (entry, count) => {
        if (this.#isOpen) return this.#posts.write(entry, count);
        this.#isOpen = true;
        this.#ask(String(frame(entry.encoded(jsonCodec))), undefined);
        return true;
      },
      close: () => this.#close(),
    };
  }

  /** Without a connection of its own, a row of polls can only lose what is under way. */
  cut(notice: number): void {
    const { weather } = this.#place;
    this.#turn += 1;
    weather.met("cutInFlight");
    if (notice & 2) this.#giveUp();
    if (notice === 1) this.#lost();
    else this.#later(100, () => this.#failed());
  }

  freeze(ms: number): void {
    this.#posts.freeze(ms);
  }

  #ask(
    body: string,
    poll: { received: number; from: { session: string; link: number } } | undefined,
  ): void {
    this.#turn += 1;
    const turn = this.#turn;
    this.#giveUp = ask(this.#place, {
      endpoint: "poll",
      body,
      ...(poll === undefined ? {} : { from: poll.from }),
      delayMs: this.#posts.frozenMs,
      timeoutMs: this.#waitMs + patienceMs,
      answered: (answer) => {
        if (turn === this.#turn) this.#answered(answer, poll?.received);
      },
      failed: () => {
        if (turn === this.#turn) this.#failed();
      },
    });
  }

  #answered(answer: Answer, received: number | undefined): void {
    const { link } = this;
    const { owner, weather } = this.#place;
    if (this.#posts.isOver || link === undefined) return;
    link.heard(owner.now());
    receiveAll(this, answer, this.#place, received ?? 0);
    if (answer.isTorn || !answer.isOk) {
      this.#failed();
      return;
    }
    this.#failures = 0;
    const pauseMs = this.#waitMs === 0 ? 500 + weather.random.below(500) : 0;
    this.#later(pauseMs, () => this.#poll());
  }

  /** Unless another turn began meanwhile. */
  #later(ms: number, run: () => void): void {
    const turn = this.#turn;
    this.#place.weather.timeline.plan(ms, () => {
      if (turn === this.#turn) run();
    });
  }

  #poll(): void {
    const { link } = this;
    const { session } = this.#place.owner;
    if (this.#posts.isOver || link === undefined || link.over) return;
    // The welcome got lost: there is no link to poll on.
    if (session.live !== link) {
      this.#lost();
      return;
    }
    const received = session.takeAck();
    const head = this.#posts.head({ received, waitMs: this.#waitMs });
    if (head !== undefined) this.#ask(head.line, { received, from: head.from });
  }

  #failed(): void {
    if (this.#posts.isOver) return;
    this.#failures += 1;
    if (this.#failures >= triesMax) this.#lost();
    else this.#poll();
  }

  #close(): void {
    this.#posts.close();
    this.#giveUp();
    this.#place.owner.forget(this);
  }

  #lost(): void {
    if (this.#posts.isOver) return;
    const { owner } = this.#place;
    this.#close();
    this.link?.lost(owner.now());
    owner.settle();
  }
}
