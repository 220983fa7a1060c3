/**
 * One end of an open WebSocket connection, without sockets or timers: bytes and time come in,
 * bytes and events go out.
 *
 * The theory. Each direction is open until a Close frame has gone that way (RFC 6455 §5.5.1, §7.1):
 *
 *      state     we sent Close   we received Close   we send           we read
 *      open      no              no                  everything        everything
 *      closing   yes             no                  pongs             everything
 *      closing   yes, a fault    no                  nothing           nothing (discarded)
 *      closed    yes             yes, or the stream ended, or a deadline passed: nothing either way
 *
 * A received Close is answered at once, which takes the connection from open to closed. When it is
 * closed the server ends the stream and the client waits for that (§7.1.1), both no longer than
 * `closeTimeoutMs`. The adapter writes what `takeOutput` gives, then looks at `shouldEnd` and
 * `shouldDestroy`.
 */
import type { ByteRange } from "../bytes/arena.js";
import { createFault, type Fault, type FaultCode } from "../faults.js";
import { CloseCode, isSendableCloseCode } from "../frames/close-code.js";
import { type CloseInfo, createClosePayload, readClosePayload } from "../frames/close-payload.js";
import { Opcode } from "../frames/opcode.js";
import { CONTROL_BYTES_MAX } from "../limits.js";
import type { MessageConsumer, MessageReader } from "../messages/message-reader.js";
import type { MessageWriter } from "../messages/message-writer.js";
import type { PreparedMessage } from "../messages/prepared-message.js";
import type { ConnectionListener } from "./connection-listener.js";
import { type ConnectionOptions, DEFAULT_CLOSE_TIMEOUT_MS } from "./connection-options.js";
import { Ending } from "./ending.js";
import { type Endpoint, endpointOf } from "./endpoint.js";
import { Keepalive, KeepaliveAction } from "./keepalive.js";

const NEVER = Number.POSITIVE_INFINITY;

export class Connection implements MessageConsumer {
  /** See the theory above. What is sent while it is not "open" is discarded. */
  state: "open" | "closing" | "closed" = "open";
  /**
   * Set by the adapter while it holds bytes that the socket would not take. Automatic replies then
   * stop at the latest pong.
   */
  blocked = false;

  readonly #endpoint: Endpoint;
  readonly #listener: ConnectionListener;
  /** Undefined where no peer is ever asked. */
  readonly #keepalive: Keepalive | undefined;
  /** Undefined between messages, when there is nothing to remember of what was read. */
  #reader: MessageReader | undefined;
  /** Undefined while there is nothing to write but `#shared`. */
  #writer: MessageWriter | undefined;
  /** What was prepared for many and is all there is to write: it takes no writer. */
  #shared: ByteRange | undefined;
  /** Undefined until the connection begins to end. */
  #ending: Ending | undefined;
  /** Headers among the bytes that former writers wrote. */
  #framingBytes = 0;

  #pongsQueued = 0;
  #latePong: Uint8Array | undefined;

  /**
   * @param now the time in milliseconds, of any origin, as everywhere: it may not go back.
   * @throws {TypeError | RangeError} as `assertTimings`.
   */
  constructor(options: ConnectionOptions, listener: ConnectionListener, now: number) {
    const endpoint = endpointOf(options);
    this.#endpoint = endpoint;
    this.#listener = listener;
    const { keepalive } = endpoint;
    this.#keepalive = keepalive === undefined ? undefined : new Keepalive(keepalive, now);
    if (options.deflate !== undefined) this.#watchDeflate();
  }

  /** Everything has been said: once the output is written, end our side of the stream. */
  get shouldEnd(): boolean {
    return this.#ending?.shouldEnd === true;
  }

  /** Waiting longer is pointless: release the socket now. */
  get shouldDestroy(): boolean {
    return this.#ending?.shouldDestroy === true;
  }

  /** The fault that ended the connection, if one did. */
  get fault(): Fault | undefined {
    return this.#ending?.fault;
  }

  // ——— in ———

  /**
   * Takes bytes from the peer, which are changed in place.
   *
   * @param now need not be exact where there is a `clock`; by as much the next ping is off.
   * @param lent whether their memory is the caller's again afterwards, so that what is kept has to be
   *   a copy. Default: they belong to the connection from now on.
   */
  receive(bytes: Uint8Array, now: number, lent = false): void {
    this.#endpoint.now = now;
    this.#keepalive?.alive(now);
    if (this.#ending?.readingEnded) return;
    const reader = this.#reader ?? this.#takeReader();
    reader.receive(bytes, lent);
    if (reader.atRest) this.#leaveReader(reader);
  }

  /**
   * The peer's side of the stream ended, or the stream broke. Nothing is delivered any more: after
   * an orderly end call it when nothing is `pending`.
   */
  end(now: number): void {
    this.#endpoint.now = now;
    const ending = this.#takeEnding();
    ending.shouldEnd = true;
    if (ending.received === undefined) ending.fault ??= createFault("ended-early");
    // What is still to be written gets as long as a closing handshake would.
    ending.deadline = Math.min(ending.deadline, now + this.#closeTimeoutMs);
    this.#close();
  }

  /** Does what is due. Call it at `nextTickAt`, or any time. */
  tick(now: number): void {
    this.#endpoint.now = now;
    if (this.#ending !== undefined && now >= this.#ending.deadline) {
      this.#giveUp("close-timeout");
      return;
    }
    if (this.state !== "open") return;
    const keepalive = this.#keepalive;
    if (keepalive === undefined) return;
    // What we do not read, or cannot send, is no sign of death.
    if (this.held) keepalive.alive(now);
    const action = keepalive.tick(now);
    if (action === KeepaliveAction.ping) this.ping(keepalive.pingPayload);
    else if (action === KeepaliveAction.giveUp) this.#giveUp("keepalive-timeout");
  }

  /** When `tick` must run next; `Infinity` if nothing is due. */
  get nextTickAt(): number {
    return this.state === "open"
      ? (this.#keepalive?.nextTickAt ?? NEVER)
      : (this.#ending?.deadline ?? NEVER);
  }

  /** Bytes left for the peer, which shows that it is alive though it says nothing. */
  progressed(now: number): void {
    this.#keepalive?.alive(now);
  }

  // ——— reading ———

  /** Whether bytes would only be kept: stop reading from the socket. */
  get held(): boolean {
    return this.#reader?.held === true;
  }

  /** Whether messages, or a Close frame, that have arrived wait for `resume` or the inflater. */
  get pending(): boolean {
    return this.#reader?.pending === true;
  }

  /** Deliver messages in pieces, from the next message on. */
  get streamed(): boolean {
    return this.#reader?.streamed === true;
  }
  set streamed(streamed: boolean) {
    if (streamed === this.streamed || this.#ending?.readingEnded) return;
    const reader = this.#reader ?? this.#takeReader();
    reader.streamed = streamed;
    if (reader.atRest) this.#leaveReader(reader);
  }

  /** Stops delivery after the message at hand; control frames behind it wait as well. */
  pause(): void {
    if (!this.#ending?.readingEnded) (this.#reader ?? this.#takeReader()).pause();
  }

  resume(now: number): void {
    this.#endpoint.now = now;
    const reader = this.#reader;
    if (reader === undefined) return;
    reader.resume();
    if (reader.atRest) this.#leaveReader(reader);
  }

  // ——— writing ———
  // What is sent after the state has left "open" is discarded, as in the WHATWG's send().

  sendText(text: string, compress = true): void {
    if (this.#maySendMessage()) (this.#writer ?? this.#takeWriter()).writeText(text, compress);
  }

  /** Large `bytes` may be sent from where they lie: leave them unchanged until written. */
  sendBinary(bytes: Uint8Array, compress = true): void {
    if (!this.#maySendMessage()) return;
    (this.#writer ?? this.#takeWriter()).writeBytes(Opcode.binary, bytes, compress);
  }

  /**
   * Sends UTF-8 as a text message.
   *
   * @throws {TypeError} when it is not valid UTF-8.
   */
  sendTextBytes(bytes: Uint8Array, compress = true): void {
    if (!this.#endpoint.options.platform.isUtf8(bytes)) {
      throw new TypeError("the bytes given for a text message are not valid UTF-8");
    }
    if (!this.#maySendMessage()) return;
    (this.#writer ?? this.#takeWriter()).writeBytes(Opcode.text, bytes, compress);
  }

  sendPrepared(message: PreparedMessage): void {
    if (!this.#maySendMessage()) return;
    if (this.#writer !== undefined || !this.#share(message)) {
      (this.#writer ?? this.#takeWriter()).writePrepared(message);
    }
  }

  /**
   * Sends a part of a message as one frame (RFC 6455 §5.4); other messages must wait for the last.
   *
   * @throws {TypeError} when the parts of a text are bytes that are not UTF-8, or the type is not
   *   that of the first part.
   */
  sendFragment(
    data: string | Uint8Array,
    type: "text" | "binary",
    last: boolean,
    compress = true,
  ): void {
    if (this.state !== "open") return;
    (this.#writer ?? this.#takeWriter()).writeFragment(data, type, last, compress);
  }

  /** Whether a message has been begun with `sendFragment` and not ended. */
  get midMessage(): boolean {
    return this.state === "open" && this.#writer?.midMessage === true;
  }

  /** @throws {RangeError} when the payload is longer than 125 bytes (RFC 6455 §5.5). */
  ping(payload: Uint8Array): void {
    checkControl("ping", payload);
    if (this.state === "open") this.#writeControl(Opcode.ping, payload, 0, payload.length);
  }

  /** An unasked pong (RFC 6455 §5.5.3). @throws {RangeError} as `ping`. */
  pong(payload: Uint8Array): void {
    checkControl("pong", payload);
    if (this.state === "open") this.#writeControl(Opcode.pong, payload, 0, payload.length);
  }

  /**
   * Begins the closing handshake behind everything sent so far (RFC 6455 §7.1.2).
   *
   * @param code absent: the Close frame is empty and the peer sees 1005.
   * @param reason cut to 123 bytes of UTF-8 at a character border.
   * @throws {RangeError} when the code must not be sent (RFC 6455 §7.4).
   */
  close(code: number | undefined, reason: string, now: number): void {
    if (code !== undefined && !isSendableCloseCode(code)) {
      throw new RangeError(`close code ${code} must not be sent; use 1000 or 3000–4999`);
    }
    this.#endpoint.now = now;
    if (this.state !== "open") return;
    this.#sendClose(code, reason);
    this.state = "closing";
  }

  /** Everything there is to write: one chunk, several in order, or `undefined`. */
  takeOutput(): Uint8Array | Uint8Array[] | undefined {
    if (!this.blocked) this.#writeLatePong();
    this.#pongsQueued = 0;
    const writer = this.#writer;
    if (writer === undefined) return this.#takeShared();
    const output = writer.output.take();
    if (writer.atRest) this.#leaveWriter(writer);
    return output;
  }

  /** Whether `takeOutput` would give something. */
  get hasOutput(): boolean {
    const queued = this.#writer?.output.byteLength ?? 0;
    return (
      queued > 0 || this.#shared !== undefined || (this.#latePong !== undefined && !this.blocked)
    );
  }

  /** Bytes not taken yet, framing and what waits for compression included. */
  get queuedBytes(): number {
    const shared = this.#shared;
    return shared === undefined ? (this.#writer?.queuedBytes ?? 0) : shared.end - shared.start;
  }

  /** How many of all bytes queued so far were headers of frames. */
  get framingBytes(): number {
    return this.#framingBytes + (this.#writer?.output.framingBytes ?? 0);
  }

  /** Smoothed round-trip time of our keepalive pings in milliseconds, once known. */
  get rttMs(): number | undefined {
    return this.#keepalive?.rttMs;
  }

  /**
   * How the connection closed: the code and reason received, or 1006; clean when both Close frames
   * were exchanged (RFC 6455 §7.1.4–7.1.6).
   */
  get closeInfo(): CloseInfo & { readonly wasClean: boolean } {
    const received = this.#ending?.received;
    const { code, reason } = received ?? { code: CloseCode.abnormal, reason: "" };
    return { code, reason, wasClean: received !== undefined && this.#hasSaidClose };
  }

  // ——— what the reader reports ———

  /** @internal */
  onMessage(data: string | Uint8Array, isBinary: boolean): void {
    this.#listener.onMessage(data, isBinary);
  }

  /** @internal */
  onPiece(piece: Uint8Array, isBinary: boolean, first: boolean, last: boolean): void {
    this.#listener.onPiece(piece, isBinary, first, last);
  }

  /** @internal */
  onControl(opcode: Opcode, bytes: Uint8Array, start: number, end: number): void {
    if (opcode === Opcode.ping) {
      this.#answerPing(bytes, start, end);
      this.#listener.onPing(bytes, start, end);
    } else if (opcode === Opcode.pong) {
      this.#keepalive?.pong(bytes, start, end, this.#endpoint.now);
      this.#listener.onPong(bytes, start, end);
    } else {
      this.#answerClose(bytes.subarray(start, end));
    }
  }

  /** @internal */
  onFault(fault: Fault): void {
    const ending = this.#takeEnding();
    if (ending.fault !== undefined) return;
    ending.fault = fault;
    this.#endReading();
    this.#writer?.drop();
    // A Close that waited behind what was dropped has not been sent.
    if (this.#closeWaiting) ending.closeSent = false;
    // RFC 6455 §7.1.7: say why, then close without waiting for an answer.
    if (isSendableCloseCode(fault.closeCode)) this.#sendClose(fault.closeCode, fault.detail);
    this.#latePong = undefined;
    if (this.state === "open") this.state = "closing";
    ending.shouldEnd = true;
    ending.deadline = Math.min(ending.deadline, this.#endpoint.now + this.#closeTimeoutMs);
    this.#listener.onFault(fault);
  }

  #maySendMessage(): boolean {
    if (this.state !== "open") return false;
    if (this.#writer?.midMessage === true) {
      throw new Error("a fragmented message is being sent: send its last part first");
    }
    return true;
  }

  /** RFC 6455 §5.5.2: a ping is answered with a pong of the same payload. */
  #answerPing(bytes: Uint8Array, start: number, end: number): void {
    const { platform } = this.#endpoint.options;
    const { controlRepliesMax } = this.#endpoint.limits;
    if (this.blocked || this.#pongsQueued >= controlRepliesMax) {
      // §5.5.3: of several unanswered pings, answering the latest is enough.
      this.#latePong = platform.copy(bytes, start, end);
      return;
    }
    this.#pongsQueued++;
    this.#writeControl(Opcode.pong, bytes, start, end);
  }

  get #hasSaidClose(): boolean {
    return this.#ending?.closeSent === true && !this.#closeWaiting;
  }

  get #closeWaiting(): boolean {
    return this.#writer?.closeWaiting === true;
  }

  #writeControl(opcode: Opcode, bytes: Uint8Array, start: number, end: number): void {
    (this.#writer ?? this.#takeWriter()).writeControl(opcode, bytes, start, end);
  }

  #writeLatePong(): void {
    const payload = this.#latePong;
    if (payload === undefined) return;
    this.#latePong = undefined;
    this.#writeControl(Opcode.pong, payload, 0, payload.length);
  }

  /** RFC 6455 §5.5.1: a Close is answered with a Close of the same code, unless it is the answer. */
  #answerClose(payload: Uint8Array): void {
    const info = readClosePayload(payload, this.#endpoint.options.platform);
    if ("closeCode" in info) {
      this.onFault(info);
      return;
    }
    this.#takeEnding().received = info;
    this.#endReading();
    this.#sendClose(info.code === CloseCode.noStatus ? undefined : info.code, "");
    this.#latePong = undefined;
    this.state = "closed";
    this.#endIfSaid();
    this.#listener.onClose(info);
  }

  /** RFC 6455 §7.1.1: the server closes the TCP connection first, so that it holds TIME_WAIT. */
  #endIfSaid(): void {
    // Our Close, and messages before it, may still wait to be compressed.
    if (this.#endpoint.options.role === "server" && this.#hasSaidClose) {
      this.#takeEnding().shouldEnd = true;
    }
  }

  #sendClose(code: number | undefined, reason: string): void {
    const ending = this.#takeEnding();
    if (ending.closeSent) return;
    ending.closeSent = true;
    ending.deadline = this.#endpoint.now + this.#closeTimeoutMs;
    this.#writeLatePong(); // A ping that came before is answered before.
    const payload = createClosePayload(code, reason, this.#endpoint.options.platform);
    (this.#writer ?? this.#takeWriter()).writeClose(payload);
  }

  get #closeTimeoutMs(): number {
    return this.#endpoint.options.closeTimeoutMs ?? DEFAULT_CLOSE_TIMEOUT_MS;
  }

  #giveUp(code: FaultCode): void {
    const ending = this.#takeEnding();
    ending.shouldEnd = true;
    ending.shouldDestroy = true;
    const known = ending.fault !== undefined || this.state === "closed";
    if (!known) {
      ending.fault = createFault(code);
      this.#listener.onFault(ending.fault);
    }
    ending.deadline = NEVER;
    this.#close();
  }

  #close(): void {
    this.state = "closed";
    this.#endReading();
    this.#writer?.drop();
    const { deflate } = this.#endpoint.options;
    deflate?.deflater?.close();
    deflate?.inflater.close();
  }

  /** A compressed message may be waited for at any time, so reader and writer stay. */
  #watchDeflate(): void {
    const reader = this.#takeReader();
    const writer = this.#takeWriter();
    reader.onReleased = () => this.#listener.onReady();
    writer.onOutput = () => {
      if (this.state === "closed") this.#endIfSaid();
      this.#listener.onReady();
    };
    writer.onFault = (fault) => this.onFault(fault);
  }

  // ——— the parts that a connection has only while it needs them ———

  #takeEnding(): Ending {
    this.#ending ??= new Ending();
    return this.#ending;
  }

  #takeReader(): MessageReader {
    const reader = this.#endpoint.takeReader(this);
    this.#reader = reader;
    return reader;
  }

  #leaveReader(reader: MessageReader): void {
    this.#reader = undefined;
    this.#endpoint.keepReader(reader);
  }

  /** Reads no more: whatever arrives from now on is discarded. */
  #endReading(): void {
    this.#takeEnding().readingEnded = true;
    const reader = this.#reader;
    if (reader === undefined) return;
    reader.end();
    if (reader.atRest) this.#leaveReader(reader);
  }

  #takeWriter(): MessageWriter {
    const writer = this.#endpoint.takeWriter();
    this.#writer = writer;
    const shared = this.#shared;
    if (shared !== undefined) {
      writer.output.append(shared.bytes, shared.start, shared.end);
      this.#dropShared();
    }
    return writer;
  }

  /** Whether the message could be queued as it lies, alone or behind what is shared already. */
  #share({ plain, payloadBytes }: PreparedMessage): boolean {
    const { masked, options } = this.#endpoint;
    if (masked) return false;
    const shared = this.#shared;
    const both = shared === undefined ? plain : options.arena.join(shared, plain);
    if (both === undefined) return false;
    if (shared === undefined) options.arena.hold();
    this.#shared = both;
    this.#framingBytes += plain.end - plain.start - payloadBytes;
    return true;
  }

  #takeShared(): Uint8Array | undefined {
    const shared = this.#shared;
    if (shared === undefined) return undefined;
    this.#dropShared();
    return this.#endpoint.options.arena.view(shared.bytes, shared.start, shared.end);
  }

  #dropShared(): void {
    this.#shared = undefined;
    this.#endpoint.options.arena.release();
  }

  #leaveWriter(writer: MessageWriter): void {
    this.#writer = undefined;
    this.#framingBytes += writer.output.framingBytes;
    this.#endpoint.keepWriter(writer);
  }
}

function checkControl(what: string, payload: Uint8Array): void {
  if (payload.length > CONTROL_BYTES_MAX) {
    throw new RangeError(`a ${what} carries at most 125 bytes, not ${payload.length}`);
  }
}
