// The server's side of the simulation: the smallest hub that is true to PROTOCOL.md §5 and §10.

import { encodeId, equalSecrets } from "../base64.js";
import type { ClientSession } from "../client-session.js";
import * as CloseCode from "../close-code.js";
import type { Codec, Encoded } from "../codec.js";
import { Entry } from "../entry.js";
import { isFault } from "../fault.js";
import { frame, splitBody } from "../framing.js";
import { jsonCodec } from "../json-codec.js";
import type { Limits } from "../limits.js";
import type { Link, LinkPort } from "../link.js";
import type { Batch, Hello, Packet } from "../packet.js";
import { ServerSession } from "../server-session.js";
import type { ClientSessionOptions, ServerSessionOptions } from "../session-handler.js";
import { type Checker, numberOf, type SessionRecord, Violation } from "./checker.js";
import type { Random } from "./random.js";
import type { Timeline } from "./timeline.js";

/** Where a planted bug takes hold; nothing in the engine knows of it. */
export interface Seam {
  readonly client?: (options: ClientSessionOptions, now: number) => ClientSession;
  readonly server?: (options: ServerSessionOptions, now: number) => ServerSession;
  readonly port?: (port: LinkPort, role: "client" | "server") => LinkPort;
}

interface Held {
  readonly session: ServerSession;
  readonly secret: string;
  readonly record: SessionRecord;
  /** The server's elapsed time when the last link ended. */
  unlinkedAt: number;
  tickPlannedAt: number;
}

/** One poll that waits for its answer. */
interface Parked {
  answer(body: string): void;
}

export class SimulatedServer {
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #checker: Checker;
  readonly #limits: Limits;
  readonly #seam: Seam;
  readonly #held = new Map<string, Held>();
  readonly #inbox: (() => void)[] = [];
  readonly #records = new Map<string, SessionRecord>();
  #serial = 0;
  #clockOffset = 0;
  #pausedUntil = 0;
  /** Time that the server's clock has shown to pass, jumps ahead included. */
  #elapsed = 0;
  #lastNow = 0;
  /** Tokens below are expired. */
  token = 0;

  constructor(timeline: Timeline, random: Random, checker: Checker, limits: Limits, seam: Seam) {
    this.#timeline = timeline;
    this.#random = random;
    this.#checker = checker;
    this.#limits = limits;
    this.#seam = seam;
  }

  get sessions(): readonly ServerSession[] {
    return [...this.#held.values()].map((held) => held.session);
  }

  sessionOf(id: string | undefined): ServerSession | undefined {
    return this.#held.get(id ?? "")?.session;
  }

  /** Also of a session that ended lately: its welcome may still be under way. */
  recordOf(id: string | undefined): SessionRecord | undefined {
    return this.#records.get(id ?? "");
  }

  /** Runs when the server is awake: at once, or when its pause is over, in the order of arrival. */
  awake(run: () => void): void {
    this.#inbox.push(run);
    const wait = this.#pausedUntil - this.#timeline.now;
    if (wait <= 0) this.#work();
    else this.#timeline.plan(wait, () => this.#work());
  }

  #work(): void {
    while (this.#timeline.now >= this.#pausedUntil) {
      const run = this.#inbox.shift();
      if (run === undefined) return;
      run();
    }
  }

  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#timeline.now + ms);
  }

  jumpClock(ms: number): void {
    this.#now();
    this.#clockOffset += ms;
  }

  /** All sessions are gone, without a word, as when a node dies. */
  restart(): void {
    for (const held of this.#held.values()) {
      held.record.ended = true;
      const link = held.session.live;
      if (link !== undefined) link.over = true;
    }
    this.#held.clear();
  }

  expireToken(): void {
    this.token += 1;
    for (const { session } of [...this.#held.values()]) {
      session.unlink(CloseCode.tokenExpired, "", this.#now());
    }
    this.#planTicks();
  }

  drain(): void {
    for (const { session } of [...this.#held.values()]) {
      session.unlink(CloseCode.draining, "", this.#now(), { retryMs: this.#random.below(500) });
    }
    this.#planTicks();
  }

  /** Sends an entry or a volatile event in every session. */
  emit(size: number, isVolatile: boolean): void {
    for (const held of this.#held.values()) {
      const { session, record } = held;
      const data = { serial: record.serial, position: record.sent, text: "d".repeat(size) };
      if (isVolatile) {
        const packet = { type: "event", name: "hint", volatile: true, data } as const;
        session.sendVolatile(new Entry(packet, jsonCodec), this.#now());
      } else {
        record.sent += 1;
        const entry = new Entry({ type: "event", name: "down", data }, jsonCodec);
        if (session.send(entry, this.#now()) < 0) {
          record.sent -= 1;
          this.#checker.counts.overflow += 1;
        }
      }
      this.#checkMemory(session);
    }
    this.#planTicks();
  }

  /** A hello on a new link. Answers the link, or writes a `bye` and answers undefined. */
  accept(hello: Hello, plainPort: LinkPort): Link | undefined {
    const port = this.#seam.port?.(plainPort, "server") ?? plainPort;
    if (Number(hello.token ?? -1) < this.token) {
      return refuse(port, CloseCode.tokenExpired);
    }
    const found = this.#held.get(hello.session ?? "");
    const isProved = found !== undefined && equalSecrets(found.secret, hello.secret ?? "");
    let held = isProved ? found : undefined;
    if (held !== undefined) {
      const link = held.session.accept(port, hello, this.#now());
      this.#planTicks();
      if (!isFault(link)) return link;
      if (link.code !== "mismatch") return refuse(port, link.closeCode);
      held.session.end(CloseCode.stale, "mismatch", this.#now());
    }
    held = this.#open();
    const extra = { secret: held.secret, ...(hello.session ? { reason: "unknown" } : {}) };
    const link = held.session.accept(port, hello, this.#now(), extra);
    this.#planTicks();
    return isFault(link) ? refuse(port, link.closeCode) : link;
  }

  /** A packet on a message link. */
  receive(link: Link, message: Encoded, codec: Codec): void {
    const packet = codec.decode(message);
    if (isFault(packet)) link.fail(packet, this.#now());
    else link.receive(packet, this.#now());
    this.#planTicks();
  }

  lost(link: Link): void {
    link.lost(this.#now());
    this.#planTicks();
  }

  drained(link: Link): void {
    link.drain(this.#now());
    this.#planTicks();
  }

  /** `POST {base}/send` (§10.4), answered with framed packets. */
  post(body: string): string {
    const read = this.#readBatch(body);
    if (typeof read === "string") return read;
    const { held, link } = read;
    this.#apply(link, read.batch, read.packets);
    const answer = `${frame(jsonCodec.encode({ type: "ack", count: held.session.takeAck() }))}`;
    this.#planTicks();
    return answer;
  }

  /** `POST {base}/poll` (§10.5) on an open link. */
  poll(body: string, port: PollPort, answer: (body: string) => void): void {
    const read = this.#readBatch(body);
    if (typeof read === "string") {
      answer(read);
      return;
    }
    const { held, link, batch } = read;
    this.#apply(link, batch, read.packets);
    port.park({ answer }, batch.waitMs ?? this.#limits.pollMs);
    if (!held.session.rewind(link, batch.received ?? 0, this.#now())) port.flush();
    this.#planTicks();
  }

  pollPort(): PollPort {
    return new PollPort(this.#timeline);
  }

  #readBatch(
    body: string,
  ): string | { held: Held; link: Link; batch: Batch; packets: readonly Packet[] } {
    const messages = splitBody(body, this.#limits.batchPackets);
    if (isFault(messages)) return byeText(messages.closeCode);
    const packets: Packet[] = [];
    for (const message of messages) {
      const packet = jsonCodec.decode(message);
      if (isFault(packet)) return byeText(packet.closeCode);
      packets.push(packet);
    }
    const batch = packets.shift();
    if (batch?.type !== "batch") return byeText(CloseCode.malformed);
    const held = this.#held.get(batch.session);
    if (held === undefined || !equalSecrets(held.secret, batch.secret)) {
      return byeText(CloseCode.unknownSession);
    }
    const link = held.session.live;
    if (link === undefined || link.number !== batch.link) return byeText(CloseCode.stale);
    return { held, link, batch, packets };
  }

  #apply(link: Link, batch: Batch, packets: readonly Packet[]): void {
    const inOrder = batch.position === undefined || link.seek(batch.position, this.#now());
    for (const packet of packets) {
      const isCounted = packet.type === "event" && packet.volatile !== true;
      if (inOrder || !isCounted) link.receive(packet, this.#now());
    }
  }

  #open(): Held {
    this.#serial += 1;
    const id = encodeId(this.#bytes(16));
    const record: SessionRecord = { serial: this.#serial, applied: 0, sent: 0, ended: false };
    const options: ServerSessionOptions = {
      id,
      limits: this.#limits,
      handler: {
        packet: (packet) => {
          if (packet.type !== "event") return;
          if (packet.volatile) this.#checker.counts.volatile += 1;
          else this.#checker.upApplied(record, numberOf(packet));
        },
        linked: () => {},
        unlinked: () => {
          held.unlinkedAt = this.#elapsed;
        },
        acknowledged: (count) => this.#checker.downAcknowledged(record, count),
        ended: (end) => this.#ended(id, end.code),
      },
    };
    const make = this.#seam.server ?? ((given, now) => new ServerSession(given, now));
    const session = make(options, this.#now());
    const secret = encodeId(this.#bytes(32));
    const unlinkedAt = this.#elapsed;
    const held: Held = {
      session,
      secret,
      record,
      unlinkedAt,
      tickPlannedAt: Number.POSITIVE_INFINITY,
    };
    this.#held.set(id, held);
    this.#records.set(id, record);
    // A map keeps the order of insertion: the first key is the oldest record.
    if (this.#records.size > 32) this.#records.delete(this.#records.keys().next().value as string);
    return held;
  }

  /** A session may end by its client's word, by a refused state, or by its age and no sooner. */
  #ended(id: string, code: number): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    held.record.ended = true;
    this.#now();
    if (code === CloseCode.timeout && this.#elapsed - held.unlinkedAt < this.#limits.sessionMs) {
      throw new Violation("a session expired before its life was over");
    }
    if (code === CloseCode.malformed) throw new Violation("the server saw a malformed packet");
  }

  #checkMemory(session: ServerSession): void {
    const { bytes, entries } = session.retained;
    if (bytes > this.#limits.logBytes || entries > this.#limits.logEntries) {
      throw new Violation(`the server retains ${entries} entries, ${bytes} bytes`);
    }
  }

  #bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.#random.below(256));
  }

  #now(): number {
    const now = this.#timeline.now + this.#clockOffset;
    this.#elapsed += Math.max(0, now - this.#lastNow);
    this.#lastNow = now;
    return now;
  }

  #planTicks(): void {
    for (const held of this.#held.values()) {
      const at = held.session.nextTickAt - this.#clockOffset;
      if (at >= held.tickPlannedAt || at === Number.POSITIVE_INFINITY) continue;
      held.tickPlannedAt = at;
      this.#timeline.plan(at - this.#timeline.now, () => {
        this.awake(() => {
          held.tickPlannedAt = Number.POSITIVE_INFINITY;
          if (!held.record.ended) held.session.tick(this.#now());
          this.#planTicks();
        });
      });
    }
  }
}

/** The server's side of a polling link: collects what the parked poll will carry home. */
export class PollPort implements LinkPort {
  readonly codec: Codec = jsonCodec;
  readonly allowanceMs: number = 3000;
  readonly #timeline: Timeline;
  #parked: Parked | undefined;
  #out: { readonly text: string; readonly count: number }[] = [];
  #isFlushPlanned = false;
  #turn = 0;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  park(parked: Parked, waitMs: number): void {
    // The older poll is answered at once and empty.
    this.#parked?.answer("");
    // Entries that the older poll did not take home are written again, from where this one stands.
    this.#out = this.#out.filter((written) => written.count === 0);
    this.#parked = parked;
    this.#turn += 1;
    const turn = this.#turn;
    if (this.#out.length > 0) this.#planFlush();
    this.#timeline.plan(waitMs, () => {
      if (turn === this.#turn) this.flush();
    });
  }

  write(entry: Entry, count: number): boolean {
    // Without a poll only the uncounted wait for the next; entries are written again by its rewind.
    if (this.#parked === undefined && count > 0) return false;
    this.#out.push({ text: String(frame(entry.encoded(this.codec))), count });
    this.#planFlush();
    return this.#parked !== undefined && this.#out.length < 16;
  }

  flush(): void {
    this.#isFlushPlanned = false;
    if (this.#parked === undefined) return;
    const parked = this.#parked;
    this.#parked = undefined;
    const body = this.#out.map((written) => written.text).join("");
    this.#out = [];
    parked.answer(body);
  }

  close(): void {
    this.flush();
  }

  #planFlush(): void {
    if (this.#isFlushPlanned || this.#parked === undefined) return;
    this.#isFlushPlanned = true;
    this.#timeline.plan(0, () => this.flush());
  }
}

function refuse(port: LinkPort, code: number): undefined {
  port.write(new Entry({ type: "bye", code, reason: "" }, port.codec), 0);
  port.close(code, "");
}

function byeText(code: number): string {
  return String(frame(jsonCodec.encode({ type: "bye", code, reason: "" })));
}
