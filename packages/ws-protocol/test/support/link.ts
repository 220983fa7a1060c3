/**
 * Two connections on a simulated link with virtual time: bytes are delayed, cut anywhere, and held
 * back when the receiver does not read; both ends share an arena that is recycled as an adapter
 * would.
 */
import { Arena } from "../../src/bytes/arena.js";
import { Connection } from "../../src/connection/connection.js";
import type { DeflateSession } from "../../src/deflate/deflate-port.js";
import { resolveLimits } from "../../src/limits.js";
import { ROLES, type Role } from "./frames.js";
import { createPlatform } from "./node-platform.js";
import type { Random } from "./random.js";
import { RecordingListener } from "./recorder.js";
import { createDeflate, Pending } from "./zlib-ports.js";

/** Bytes in flight from which an end counts as blocked. */
const WINDOW_BYTES = 4000;
const DELAY_MS_MAX = 30;

interface Flight {
  readonly at: number;
  /** Undefined: the end of the stream. */
  readonly bytes: Uint8Array | undefined;
}

/** One end of the link: what an adapter would hold. */
export class End {
  readonly connection: Connection;
  readonly listener: RecordingListener = new RecordingListener();
  readonly pending: Pending;
  /** What this end has sent and the other has not received. */
  readonly flights: Flight[] = [];
  /** Output that was taken while blocked, as views. */
  #backlog: Uint8Array[] = [];
  #ended = false;
  /** The other side's end of stream has been handed to the connection. */
  inputEnded = false;
  destroyed = false;

  readonly #link: Link;

  constructor(link: Link, role: Role, deflate: DeflateSession | undefined, pending: Pending) {
    this.#link = link;
    this.pending = pending;
    this.connection = new Connection(
      {
        role,
        platform: link.platform,
        arena: link.arena,
        limits: resolveLimits({ controlRepliesMax: 4 }),
        keepalive: { pingIntervalMs: 200, pongDeadlineMs: 5000 },
        closeTimeoutMs: 100_000,
        deflate,
      },
      this.listener,
      link.now,
    );
  }

  get inFlight(): number {
    return this.flights.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0);
  }

  /** Whether nothing that was sent is still on its way. */
  get idle(): boolean {
    return this.flights.length === 0 && this.#backlog.length === 0 && this.pending.size === 0;
  }

  /** What an adapter does at the end of each turn. */
  flush(): void {
    const { connection } = this;
    const { arena, now, random } = this.#link;
    connection.blocked = this.#backlog.length > 0 || this.inFlight > WINDOW_BYTES;
    if (!connection.blocked || random.chance(0.3)) {
      const output = connection.takeOutput();
      if (output !== undefined) this.#backlog.push(...[output].flat());
    }
    while (this.#backlog.length > 0 && this.inFlight <= WINDOW_BYTES) {
      // Not `slice`, which copies nothing of a Buffer.
      const bytes = new Uint8Array(this.#backlog.shift()!);
      this.#depart({ at: now + random.below(DELAY_MS_MAX), bytes });
      connection.progressed(now);
    }
    connection.blocked = this.#backlog.length > 0 || this.inFlight > WINDOW_BYTES;
    if (this.#backlog.length > 0) arena.pin();
    arena.recycle();
    if (connection.shouldDestroy) this.destroyed = true;
    const saidAll = this.#backlog.length === 0 && !connection.hasOutput;
    if (connection.shouldEnd && saidAll && !this.#ended) {
      this.#ended = true;
      this.#depart({ at: now + random.below(DELAY_MS_MAX), bytes: undefined });
    }
  }

  /** Hands the connection what has arrived from `other`, cut anywhere. */
  deliverFrom(other: End): void {
    const { now, random } = this.#link;
    while (other.flights.length > 0 && other.flights[0]!.at <= now && !this.connection.held) {
      const { at, bytes } = other.flights.shift()!;
      if (bytes === undefined) {
        this.inputEnded = true;
        this.connection.end(now);
        continue;
      }
      const cut = 1 + random.below(bytes.length);
      this.connection.receive(bytes.slice(0, cut), now);
      if (cut < bytes.length) other.flights.unshift({ at, bytes: bytes.slice(cut) });
    }
  }

  /** Nothing overtakes what departed before. */
  #depart(flight: Flight): void {
    const last = this.flights.at(-1);
    this.flights.push({ ...flight, at: Math.max(flight.at, last?.at ?? 0) });
  }
}

export class Link {
  now = 0;
  readonly platform = createPlatform(() => this.random.word());
  readonly arena = new Arena(this.platform);
  readonly random: Random;
  readonly ends: readonly [End, End];

  constructor(random: Random, compression: "none" | "now" | "later") {
    this.random = random;
    const takeover = random.chance(0.5);
    const [first, second] = ROLES.map((role) => {
      const pending = new Pending();
      const later = compression === "later" ? pending.later : undefined;
      const deflate =
        compression === "none"
          ? undefined
          : createDeflate({ later, takeover, thresholdBytes: 1 + random.below(40) });
      return new End(this, role, deflate, pending);
    });
    this.ends = [first!, second!];
  }

  /** Lets a little time pass: work is done, bytes arrive, output leaves. */
  step(): void {
    this.now += this.random.below(10);
    const [first, second] = this.ends;
    for (const [end, other] of [
      [first, second],
      [second, first],
    ] as const) {
      end.pending.run(this.random.below(3));
      end.deliverFrom(other);
      if (this.now >= end.connection.nextTickAt) end.connection.tick(this.now);
      end.flush();
    }
  }
}
