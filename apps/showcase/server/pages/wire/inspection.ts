// One session that is looked at by one watcher. It holds the tap on the session's socket, and gathers
// what is seen into reports, no more than its reader takes.
import type { Peer } from "@tidewire/hub";
import type { ShowcaseContract } from "../../../shared/contract.js";
import type { Counts, ReportItem } from "../../../shared/wire/contract.js";
import { cutEntries } from "../../../shared/wire/limits.js";
import { TokenBucket } from "../../token-bucket.js";
import {
  deadMs,
  framesBurst,
  framesPerSecond,
  reportBytesMax,
  reportMs,
  waitingBytesMax,
} from "./limits.js";
import { LinkTap, type SeenFrame } from "./link-tap.js";
import type { OpenSocket } from "./open-sockets.js";

export type WirePeer = Peer<ShowcaseContract>;

/** JSON of an item without its bytes. */
const itemBytes = 300;

export class Inspection {
  readonly subject: WirePeer;
  readonly watcher: WirePeer;
  readonly #now: () => number;
  readonly #bucket: TokenBucket;
  /** On the session's socket, and the number of its link. */
  #tap: LinkTap | undefined;
  #tapped = 0;
  /** Requests carry the session: no socket tells of its end. */
  #isOverHttp = false;
  #specimen: LinkTap | undefined;
  #links = 0;
  #frames = 0;
  #items: ReportItem[] = [];
  #itemsBytes = 0;
  #omitted = 0;
  #reportTimer: NodeJS.Timeout | undefined;
  #deadTimer: NodeJS.Timeout | undefined;

  constructor(subject: WirePeer, watcher: WirePeer, now: () => number) {
    this.subject = subject;
    this.watcher = watcher;
    this.#now = now;
    this.#bucket = new TokenBucket(framesBurst, framesPerSecond, now());
  }

  /** Begins with the link that is there. */
  begin(socket: OpenSocket | undefined): void {
    if (!this.subject.isLinked) return;
    if (socket === undefined) this.overHttp();
    else this.#look(new LinkTap(socket, noListener, () => this.subject.counts));
  }

  /** A new WebSocket of the session, which is looked at since its beginning, or only from now on. */
  overWebSocket(link: LinkTap | OpenSocket, seen: readonly SeenFrame[]): void {
    const tap =
      link instanceof LinkTap ? link : new LinkTap(link, noListener, () => this.subject.counts);
    this.#look(tap);
    for (const frame of seen) this.#frame(this.#tapped, frame);
  }

  /** The session is carried by requests, which have no frames. */
  overHttp(): void {
    this.#leave();
    this.#isOverHttp = true;
    this.#links += 1;
    const { transport } = this.subject;
    this.#put({ type: "link", link: this.#links, at: Date.now(), transport, isWhole: false }, 0);
  }

  /** The compressed echo, which is beside the session. */
  overSpecimen(socket: OpenSocket): void {
    this.#specimen?.destroy();
    const tap = new LinkTap(socket, noListener);
    this.#specimen = tap;
    this.#follow(tap, "specimen", () => {
      if (this.#specimen === tap) this.#specimen = undefined;
    });
  }

  /** The session has lost its link. Of a WebSocket its socket tells. */
  unlinked(): void {
    if (this.#isOverHttp) this.#ended(this.#links, false);
    this.#isOverHttp = false;
  }

  /**
   * Nothing passes any more, and the line breaks a moment later. Meanwhile the server says something.
   *
   * @returns whether there is a line to cut
   */
  cut(id: string): boolean {
    const tap = this.#tap;
    if (tap === undefined || tap.isDead) return false;
    tap.kill();
    for (let number = 1; number <= cutEntries; number += 1) {
      this.subject.emit("wire.said", { id: `${id}-down-${number}`, text: `Down ${number}` });
    }
    this.#deadTimer = setTimeout(() => tap.destroy(), deadMs);
    return true;
  }

  /** @returns whether there is a WebSocket */
  ping(): boolean {
    if (this.#tap === undefined) return false;
    this.#tap.ping();
    return true;
  }

  /** Lets go of everything; the watcher is told, if it is there. */
  close(): void {
    // A line that was cut has to break, or both sides would wait for it.
    if (this.#tap?.isDead) this.#tap.destroy();
    this.#release();
    this.#specimen?.release();
    this.#specimen?.destroy();
    clearTimeout(this.#reportTimer);
    clearTimeout(this.#deadTimer);
    if (!this.watcher.isOver) this.watcher.emit("wire.over");
  }

  /** The session has left this socket, which may not have closed yet. */
  #leave(): void {
    if (this.#tap !== undefined) this.#ended(this.#tapped, this.#tap.isDead);
    this.#release();
  }

  #look(tap: LinkTap): void {
    this.#leave();
    this.#isOverHttp = false;
    this.#tap = tap;
    this.#tapped = this.#follow(tap, "websocket", () => {
      if (this.#tap === tap) this.#tap = undefined;
    });
  }

  /** @returns the number of the link */
  #follow(tap: LinkTap, transport: "websocket" | "specimen", forget: () => void): number {
    this.#links += 1;
    const link = this.#links;
    tap.listener = {
      frame: (frame) => this.#frame(link, frame),
      closed: () => {
        forget();
        this.#ended(link, tap.isDead);
      },
    };
    const { request, response, requestBytes, isCounted, secure } = tap.socket;
    const handshake = { request, response, requestBytes, isCounted, secure };
    this.#put(
      {
        type: "link",
        link,
        at: Date.now(),
        transport,
        handshake,
        isWhole: tap.isWhole,
      },
      request.length + response.length,
    );
    return link;
  }

  #ended(link: number, isCut: boolean): void {
    this.#put({ type: "end", link, at: Date.now(), isCut, counts: this.#counts() }, 0);
  }

  #frame(link: number, frame: SeenFrame): void {
    this.#frames += 1;
    const { header, payload, inflated } = frame;
    const bytes = (header.length + payload.length + (inflated?.length ?? 0)) * 1.4;
    const isTooMuch =
      this.#itemsBytes + bytes + itemBytes > reportBytesMax ||
      this.watcher.retained.bytes > waitingBytesMax ||
      this.#bucket.take(this.#now()) > 0;
    if (!isTooMuch) this.#put({ type: "frame", link, number: this.#frames, ...frame }, bytes);
    else {
      this.#omitted += 1;
      this.#reportSoon();
    }
  }

  #put(item: ReportItem, bytes: number): void {
    this.#items.push(item);
    this.#itemsBytes += bytes + itemBytes;
    this.#reportSoon();
  }

  #reportSoon(): void {
    this.#reportTimer ??= setTimeout(() => {
      this.#reportTimer = undefined;
      const report = { items: this.#items, omitted: this.#omitted, counts: this.#counts() };
      this.#items = [];
      this.#itemsBytes = 0;
      this.#omitted = 0;
      this.watcher.emit("wire.report", report);
    }, reportMs);
  }

  #counts(): Counts {
    return { ...this.subject.counts, retained: this.subject.retained.entries };
  }

  #release(): void {
    this.#tap?.release();
    this.#tap = undefined;
  }
}

const noListener = { frame: () => {}, closed: () => {} };
