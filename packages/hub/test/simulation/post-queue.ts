// §10.4: the way up of every link that is no socket: POSTs, one at a time, again when they fail.

import {
  type Batch,
  type Entry,
  frame,
  isFault,
  jsonCodec,
  LineReader,
} from "@tidewire/session-protocol";
import { type Carrier, type Place, receive } from "./carrier.js";
import { type Answer, ask } from "./request.js";

const postMs = 3_000;
const triesMax = 4;
const packetsMax = 8;
const waitingMax = 16;

interface Posted {
  readonly text: string;
  readonly count: number;
}

export class PostQueue {
  readonly #place: Place;
  readonly #carrier: Carrier;
  readonly #waiting: Posted[] = [];
  #isUnderWay = false;
  #wasFull = false;
  #isOver = false;
  #frozenUntil = 0;

  constructor(place: Place, carrier: Carrier) {
    this.#place = place;
    this.#carrier = carrier;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Nothing more is sent, but what is under way may still arrive, and more than once. */
  close(): void {
    this.#isOver = true;
  }

  freeze(ms: number): void {
    this.#frozenUntil = this.#place.weather.timeline.now + ms;
  }

  get frozenMs(): number {
    return Math.max(0, this.#frozenUntil - this.#place.weather.timeline.now);
  }

  write(entry: Entry, count: number): boolean {
    this.#waiting.push({ text: String(frame(entry.encoded(jsonCodec))), count });
    this.#launch();
    this.#wasFull = this.#waiting.length >= waitingMax;
    return !this.#wasFull;
  }

  /** The first packet of a body, and whose it is; undefined before the session has a name. */
  head(
    more: Partial<Batch>,
  ): { line: string; from: { session: string; link: number } } | undefined {
    const { id: session, secret } = this.#place.owner.session;
    const link = this.#carrier.link?.number;
    if (session === undefined || secret === undefined || link === undefined) return undefined;
    const batch = { type: "batch", session, secret, link, ...more } as const;
    return { line: String(frame(jsonCodec.encode(batch))), from: { session, link } };
  }

  #launch(): void {
    if (this.#isUnderWay || this.#isOver || this.#waiting.length === 0) return;
    this.#isUnderWay = true;
    this.#place.weather.timeline.plan(0, () => this.#post(this.#waiting.splice(0, packetsMax), 0));
  }

  #post(packets: readonly Posted[], tries: number): void {
    const first = packets.find(({ count }) => count > 0)?.count;
    const position = this.#place.owner.session.takeAck();
    const head = this.head({
      ...(first === undefined ? {} : { position: first - 1 }),
      received: position,
    });
    if (this.#isOver || head === undefined) return;
    ask(this.#place, {
      endpoint: "send",
      body: head.line + packets.map(({ text }) => text).join(""),
      from: head.from,
      delayMs: this.frozenMs,
      timeoutMs: postMs,
      answered: (answer) => this.#answered(answer, packets, tries, position),
      failed: () => this.#failed(packets, tries),
    });
  }

  #failed(packets: readonly Posted[], tries: number): void {
    if (this.#isOver) return;
    if (tries + 1 < triesMax) this.#post(packets, tries + 1);
    else this.#carrier.cut(1);
  }

  #answered(answer: Answer, packets: readonly Posted[], tries: number, position: number): void {
    if (this.#isOver) return;
    receiveAll(this.#carrier, answer, this.#place, position);
    if (this.#isOver) return;
    // Refused as a whole: whether the link lives on is for its own way down to say.
    if (answer.isTorn || !answer.isOk) this.#failed(packets, tries);
    else this.#done();
  }

  #done(): void {
    const { owner } = this.#place;
    this.#isUnderWay = false;
    this.#launch();
    if (!this.#wasFull || this.#waiting.length >= packetsMax) return;
    this.#wasFull = false;
    this.#carrier.link?.drain(owner.now());
    owner.settle();
  }
}

/** The packets of an answer, each as soon as it is whole; an error is one packet without a frame. */
export function receiveAll(
  { link }: Carrier,
  answer: Answer,
  place: Place,
  position?: number,
): void {
  if (!answer.isOk) {
    if (!answer.isTorn) receive(link, answer.text, place);
    return;
  }
  const reading = position === undefined ? undefined : { position };
  const fault = new LineReader(1_000_000).push(answer.text, (line) =>
    receive(link, line, place, reading),
  );
  if (isFault(fault)) place.witness.violated("protocol", `an answer in no lines: ${fault.detail}`);
}
