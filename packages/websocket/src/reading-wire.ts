/**
 * The receiving half of a socket: who holds reading, the loops over messages, and streamed messages.
 */
import type { Socket as NetSocket } from "node:net";
import { EventWire } from "./event-wire.js";
import { type IncomingMessage, MessageStreams } from "./incoming-message.js";
import { MessageInbox } from "./message-inbox.js";
import { ConnectionClosedError } from "./socket-errors.js";
import type { Closure } from "./socket-handlers.js";
import type { WireOptions } from "./wire.js";

export abstract class ReadingWire extends EventWire {
  #holds = 0;

  /** @internal How it ended, once it has. */
  protected get closure(): Closure | undefined {
    return this.incidents?.closure;
  }

  /** @internal Why it failed, if it did. */
  protected get error(): Error | undefined {
    return this.incidents?.error;
  }

  /** @internal What went wrong first is why it failed. */
  protected failed(error: Error): void {
    this.takeIncidents().error ??= error;
  }

  /** Stops delivery after the message at hand and soon the peer, through TCP's backpressure. */
  override pause(): void {
    const incidents = this.takeIncidents();
    if (incidents.paused) return;
    incidents.paused = true;
    this.hold();
  }

  override resume(): void {
    if (!this.incidents?.paused) return;
    this.incidents.paused = false;
    this.release();
  }

  get isPaused(): boolean {
    return this.incidents?.paused === true;
  }

  /** @internal Reading stops while anybody holds it; each hold is released once. */
  hold(): void {
    if (this.#holds++ === 0) super.pause();
  }

  /** @internal */
  release(): void {
    if (--this.#holds === 0) super.resume();
  }

  /**
   * The messages from now on, in order. Reading stops while 64 messages or 1 MiB wait for the
   * consumer, so a slow loop slows the peer down. Ends when the connection was closed with 1000,
   * 1001 or 1005 and all that had arrived was taken; throws `ConnectionClosedError` otherwise. Several
   * iterators each get all messages.
   */
  messages(): MessageInbox {
    const inbox = new MessageInbox(this, (done) => this.dropInbox(done));
    const incidents = this.takeIncidents();
    if (incidents.closure !== undefined) inbox.end(this.endError());
    else incidents.inboxes = [...(incidents.inboxes ?? []), inbox];
    return inbox;
  }

  [Symbol.asyncIterator](): MessageInbox {
    return this.messages();
  }

  /**
   * The messages from now on, each as a stream of its parts as they arrive, with backpressure down
   * to the peer. While it is in use, messages go nowhere else. A message that was not begun to be
   * read when the next one is asked for is skipped. `messageBytesMax` still bounds each message.
   *
   * @throws {Error} when it is in use already.
   */
  messageStreams(): AsyncIterableIterator<IncomingMessage> {
    const incidents = this.takeIncidents();
    if (incidents.streams?.left === false) throw new Error("messageStreams() is in use already");
    const streams = incidents.streams ?? new MessageStreams(this, () => this.setStreamed(false));
    streams.left = false;
    if (incidents.closure !== undefined) streams.end(this.endError());
    else {
      incidents.streams = streams;
      this.setStreamed(true);
    }
    return streams;
  }

  override onPiece(piece: Uint8Array, isBinary: boolean, first: boolean, last: boolean): void {
    this.incidents?.streams?.add(piece, isBinary, first, last);
  }

  protected override attach(netSocket: NetSocket, options: WireOptions): void {
    super.attach(netSocket, options);
    if (this.#holds > 0) super.pause();
    if (this.incidents?.streamed) this.connection!.streamed = true;
  }

  /** @internal A whole message for the loops. */
  protected feedLoops(data: string | Uint8Array): void {
    const inboxes = this.incidents?.inboxes;
    if (inboxes !== undefined) for (const inbox of inboxes) inbox.add(data);
  }

  /** @internal The loops end, now that `closure` and `error` are known. */
  protected endReading(): void {
    const error = this.endError();
    const incidents = this.takeIncidents();
    for (const inbox of incidents.inboxes ?? []) inbox.end(error);
    incidents.streams?.end(error);
    incidents.inboxes = undefined;
    incidents.streams = undefined;
  }

  /** @internal What is thrown to those who ask something of a closed socket. */
  closedError(): Error {
    if (this.connection === undefined && this.error !== undefined) return this.error;
    const { code, reason } = this.closure ?? { code: 1006, reason: "not open any more" };
    return new ConnectionClosedError(code, reason, this.error);
  }

  /** @internal What iterators and streams fail with: nothing after a close without a complaint. */
  endError(): Error | undefined {
    const { code, wasClean } = this.closure!;
    if (wasClean && (code === 1000 || code === 1001 || code === 1005)) return undefined;
    return this.closedError();
  }

  /** Takes effect with the next message, or when the socket opens. */
  private setStreamed(streamed: boolean): void {
    this.takeIncidents().streamed = streamed;
    if (this.connection !== undefined) this.connection.streamed = streamed;
  }

  private dropInbox(inbox: MessageInbox): void {
    const incidents = this.takeIncidents();
    const left = incidents.inboxes?.filter((each) => each !== inbox) ?? [];
    incidents.inboxes = left.length > 0 ? left : undefined;
  }
}
