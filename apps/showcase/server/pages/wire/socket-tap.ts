// Sees the bytes of one open socket, both ways, until it is released.
//
// Node tells what a socket receives by an event, but not what is written to it. So `write` of this
// one socket object is wrapped for as long as somebody looks; see docs/decisions/0015-wire-tap.md.
import type { Socket } from "node:net";

export interface TapListener {
  /** Bytes that change afterwards: copy them. */
  received(chunk: Uint8Array): void;
  /** As `received`. */
  sent(chunk: Uint8Array, isLost: boolean): void;
  closed(): void;
}

type Write = Socket["write"];

export class SocketTap {
  readonly #socket: Socket;
  readonly #listener: TapListener;
  readonly #former: Write;
  readonly #wrapped: Write;
  readonly #wasOwn: boolean;
  #isDead = false;
  #isReleased = false;
  readonly #onData = (chunk: Uint8Array): void => this.#listener.received(chunk);
  readonly #onClose = (): void => this.#listener.closed();

  constructor(socket: Socket, listener: TapListener) {
    this.#socket = socket;
    this.#listener = listener;
    this.#former = socket.write;
    this.#wasOwn = Object.hasOwn(socket, "write");
    this.#wrapped = ((...given: Parameters<Write>) => this.#write(given)) as Write;
    socket.write = this.#wrapped;
    // Before the connection, which unmasks in place.
    socket.prependListener("data", this.#onData);
    socket.once("close", this.#onClose);
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** The line goes dead, as when a cable is pulled: nothing passes, and neither end is told. */
  kill(): void {
    this.#isDead = true;
    this.#socket.pause();
  }

  /** The line breaks. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Writes whole frames between those of the connection. */
  inject(frames: Uint8Array): void {
    if (!this.#socket.writable) return;
    this.#socket.write(frames);
  }

  release(): void {
    const socket = this.#socket;
    this.#isReleased = true;
    socket.off("data", this.#onData);
    socket.off("close", this.#onClose);
    // Whoever has wrapped it after us goes on to call us: from now on it only passes through.
    if (socket.write !== this.#wrapped) return;
    if (this.#wasOwn) socket.write = this.#former;
    else Reflect.deleteProperty(socket, "write");
  }

  #write(given: Parameters<Write>): boolean {
    if (this.#isReleased) return Reflect.apply(this.#former, this.#socket, given);
    const [chunk, encoding] = given;
    const charset = typeof encoding === "string" ? encoding : "utf8";
    const bytes = typeof chunk === "string" ? Buffer.from(chunk, charset) : chunk;
    this.#listener.sent(bytes, this.#isDead);
    if (!this.#isDead) return Reflect.apply(this.#former, this.#socket, given);
    const done = given.findLast((each) => typeof each === "function");
    if (done !== undefined) process.nextTick(done);
    return true;
  }
}
