// The way down of polls (PROTOCOL.md §10.4, §10.5): collects what the parked poll will carry home, or a
// POST, which takes what it caused at once: an answer costs no poll of its own then.
//
// Entries are written only while one of them is there, and what did not come home is written again from
// where the next one stands, so a link without a poll holds nothing but a word or two. A POST takes
// entries only while its client has all that left before: so two answers never race. The poll that is
// parked meanwhile began earlier; before it takes any, an `ack` in it tells where it goes on.

import {
  type Bye,
  type Codec,
  type Encoded,
  Entry,
  type ServerLink,
  type Welcome,
} from "@tidewire/session-protocol";
import { frameAck } from "../codecs.js";
import type { Admission } from "../sessions/admission.js";
import type { Departure } from "../sessions/departure.js";
import type { Carrier, Carriers } from "./carrier.js";
import type { Farewells } from "./farewells.js";
import type { FramedOnce } from "./framed-once.js";
import type { TransportLimits } from "./limits.js";
import { joined, type Post, type Turn, type Written } from "./turn.js";

/** A poll that waits. */
export interface Waiting {
  /** Aborted when its client is gone. */
  readonly signal: Departure;
  /** Called once, with the framed packets that it takes home. Must not throw. */
  answer(body: Encoded): void;
}

/** What the polls of one hub share. */
export interface PollHouse {
  readonly admission: Admission;
  readonly limits: TransportLimits;
  readonly carriers: Carriers;
  readonly farewells: Farewells;
  readonly framed: ReadonlyMap<Codec, FramedOnce<Encoded>>;
  readonly turn: Turn;
}

export class PollPort implements Carrier {
  readonly codec: Codec;
  link: ServerLink | undefined;
  /** What a poll of a link that is over is told. */
  end: Bye | undefined;
  readonly #house: PollHouse;
  #session: { readonly id: string; readonly secret: string } | undefined;
  #parked: Waiting | undefined;
  #post: Post | undefined;
  /** The log's count with the last entry that was written. */
  #given = 0;
  /** Whether a POST took entries while the parked poll waited. */
  #isAhead = false;
  /** Whether the parked poll is to take what is not acknowledged, from an `ack` that says where. */
  #mustRepeat = false;
  readonly #gone = (): void => this.#leave(this.#nothing());
  /** When the parked poll is answered at the latest. */
  #until = 0;
  /** One timer for all polls of the link: it looks when the one that waits then is due. */
  #timerAt = Number.POSITIVE_INFINITY;
  #stopTimer: (() => void) | undefined;
  #out: Written[] = [];
  #outBytes = 0;
  #isFlushPlanned = false;
  #answeredAt: number;
  #intervalMs: number = intervalMinMs;

  constructor(codec: Codec, house: PollHouse) {
    this.codec = codec;
    this.#house = house;
    this.#answeredAt = house.admission.now();
  }

  /** §7.2: the interval of this client, as it showed. */
  get allowanceMs(): number {
    return this.#intervalMs;
  }

  attach(link: ServerLink): void {
    this.link = link;
    if (!link.over) this.#house.carriers.add(this);
  }

  /** Who the polls name, so that a late one can still be told why the link is over. */
  identify(id: string, secret: string): void {
    const known = this.#session;
    if (known?.id !== id || known.secret !== secret) this.#session = { id, secret };
  }

  /**
   * Takes a poll; the older one is answered at once and empty. It is answered after `waitMs` at the
   * latest; when its client goes, it is forgotten.
   */
  park(waitMs: number, poll: Waiting): void {
    if (this.#post !== undefined) this.#answerPost();
    this.#isAhead = false;
    this.#mustRepeat = false;
    this.#isFlushPlanned = false;
    if (this.#parked !== undefined) this.#leave(this.#nothing());
    if (this.#out.length > 0) this.#keep((written) => !written.isEntry);
    const now = this.#house.admission.now();
    const pauseMs = now - this.#answeredAt;
    this.#intervalMs = Math.min(
      intervalMaxMs,
      Math.max(intervalMinMs, pauseMs, this.#intervalMs * 0.75),
    );
    this.#parked = poll;
    if (waitMs > 0) this.#arm(now + waitMs, now);
    const { signal } = poll;
    signal.addEventListener("abort", this.#gone, { once: true });
    if (signal.aborted) this.#gone();
    else if (this.#out.length > 0) this.#planFlush();
  }

  /**
   * Takes a POST whose client has received so many entries, and answers it at the end of the turn with
   * what is written until then. False when something else is on its way to the client, or got lost: this
   * POST takes nothing.
   */
  post(received: number, post: Post): boolean {
    this.flushPlanned();
    if (received >= this.#given) {
      this.#post = post;
      this.#house.turn.add(this);
      this.link?.rewind(received, this.#house.admission.now());
      return true;
    }
    // There is one POST at a time: what the one before took home did not arrive.
    if (this.#isAhead) this.#planRepeat();
    return false;
  }

  write(entry: Entry, count: number): boolean {
    const isEntry = count > 0;
    const isAwaited = this.#parked !== undefined || this.#post !== undefined;
    // Without a poll only the uncounted wait for the next; entries are written again by its rewind.
    if (!isAwaited && isEntry) return false;
    if (isEntry && this.#isAhead && this.#post === undefined) {
      this.#planRepeat();
      return false;
    }
    if (entry.type === "bye") this.end = entry.packet() as Bye;
    if (entry.type === "welcome") this.#welcomed(entry.packet() as Welcome);
    const framed = this.#house.framed.get(this.codec)!.of(entry);
    this.#out.push({ framed, isEntry });
    this.#outBytes += framed.length;
    if (isEntry) this.#given = count;
    this.#planFlush();
    return isAwaited && this.#hasRoom;
  }

  /** Answers the parked poll with what there is. */
  flush(): void {
    this.#isFlushPlanned = false;
    if (this.#parked !== undefined) this.#leave(joined(this.#take(), this.codec));
  }

  /** At the end of the turn; it may have been flushed since. */
  flushPlanned(): void {
    if (this.#post !== undefined) this.#answerPost();
    if (!this.#isFlushPlanned) return;
    if (this.#mustRepeat && this.#parked !== undefined) {
      this.#isAhead = false;
      this.#mustRepeat = false;
      this.link?.repeat(this.#house.admission.now());
    }
    this.flush();
  }

  close(code: number, reason: string): void {
    this.#house.carriers.delete(this);
    this.end ??= { type: "bye", code, reason };
    this.#disarm();
    const post = this.#post;
    if (post !== undefined) {
      this.#post = undefined;
      // Where they are in the log only the answer to the POST could tell.
      this.#keep((written) => !written.isEntry);
      post.over(this.end);
    }
    const isHeard = post !== undefined || this.#parked !== undefined;
    this.flush();
    // Superseded links have a successor that knows; the others learn it from their next poll.
    if (!isHeard && this.#session !== undefined && this.link !== undefined) {
      this.#house.farewells.keep(this.#session, this.link.number, this.end);
    }
  }

  leave(bye: Bye, now: number): void {
    this.write(new Entry(bye, this.codec), 0);
    const { link } = this;
    if (link === undefined || link.over) this.close(bye.code, bye.reason);
    else link.lost(now, bye.code, bye.reason);
  }

  #welcomed({ session, secret }: Welcome): void {
    if (secret !== undefined) this.identify(session, secret);
  }

  #leave(body: Encoded): void {
    const parked = this.#parked;
    if (parked === undefined) return;
    this.#parked = undefined;
    this.#answeredAt = this.#house.admission.now();
    parked.signal.removeEventListener("abort", this.#gone);
    parked.answer(body);
  }

  #answerPost(): void {
    const post = this.#post!;
    this.#post = undefined;
    const hasRoom = this.#hasRoom;
    const out = this.#take();
    const ack = frameAck(post.takeAck(), this.codec);
    if (this.#parked !== undefined) {
      this.#isAhead ||= out.some(({ isEntry }) => isEntry);
      if (!hasRoom) this.#planRepeat();
    }
    post.answer(joined([{ framed: ack, isEntry: false }, ...out], this.codec));
  }

  get #hasRoom(): boolean {
    const { pollBytes, pollPackets } = this.#house.limits;
    return this.#outBytes < pollBytes && this.#out.length < pollPackets;
  }

  #take(): Written[] {
    const out = this.#out;
    this.#out = [];
    this.#outBytes = 0;
    return out;
  }

  #arm(until: number, now: number): void {
    this.#until = until;
    if (this.#timerAt <= until) return;
    this.#disarm();
    this.#timerAt = until;
    this.#stopTimer = this.#house.admission.after(until - now, () => this.#due());
  }

  #disarm(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  #due(): void {
    this.#disarm();
    if (this.#parked === undefined) return;
    const now = this.#house.admission.now();
    if (now >= this.#until) this.flush();
    else this.#arm(this.#until, now);
  }

  #nothing(): Encoded {
    return joined([], this.codec);
  }

  #keep(isKept: (written: Written) => boolean): void {
    this.#out = this.#out.filter(isKept);
    this.#outBytes = this.#out.reduce((sum, { framed }) => sum + framed.length, 0);
  }

  #planRepeat(): void {
    this.#mustRepeat = true;
    this.#planFlush();
  }

  #planFlush(): void {
    // A POST is answered at the end of the turn anyway, and takes it all.
    const isWanted = this.#parked !== undefined && this.#post === undefined;
    if (this.#isFlushPlanned || !isWanted) return;
    this.#isFlushPlanned = true;
    this.#house.turn.add(this);
  }
}

/** Long polls come at once; the pause before a retry is no sign of death. */
const intervalMinMs = 3_000;
const intervalMaxMs = 25_000;
