/**
 * The attacker: one end of a connection that writes whatever frames it likes, and reads what comes
 * back. It shares no code with what it attacks.
 */
import type { Socket } from "node:net";

/** In ASCII, so that zeros masked with it are text. */
const KEY = Buffer.from("Tide");

/** A frame of any first byte; a client's is masked. */
export function frame(
  by: "client" | "server",
  first: number,
  payload: Uint8Array | string,
): Buffer {
  const bytes = Buffer.from(payload as string);
  if (by === "client") for (let i = 0; i < bytes.length; i++) bytes[i] = bytes[i]! ^ KEY[i & 3]!;
  return Buffer.concat([header(by, first, bytes.length), bytes]);
}

/** The header of a frame of that length, in as many bytes as it needs. */
export function header(by: "client" | "server", first: number, length: number | bigint): Buffer {
  const mask = by === "client" ? 0x80 : 0;
  const key = by === "client" ? KEY : Buffer.alloc(0);
  if (length < 126) return Buffer.concat([Buffer.from([first, mask | Number(length)]), key]);
  if (length < 65_536) {
    const short = Buffer.from([first, mask | 126, Number(length) >> 8, Number(length) & 0xff]);
    return Buffer.concat([short, key]);
  }
  const long = Buffer.alloc(10);
  long.set([first, mask | 127]);
  long.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([long, key]);
}

/** `bytes`, `count` times. */
export function repeat(bytes: Uint8Array, count: number): Buffer {
  return count === 0 ? Buffer.alloc(0) : Buffer.alloc(bytes.length * count, bytes);
}

export interface Received {
  readonly first: number;
  readonly payload: Buffer;
}

export class Peer {
  readonly socket: Socket;
  readonly role: "client" | "server";
  /** The code of the Close frame that came, 1005 for one without; 1006 when none came. */
  readonly closed: Promise<number>;
  /** Resolves when the connection is gone. */
  readonly gone: Promise<void>;
  /** Bytes given to the socket so far. */
  sentBytes = 0;
  hasClosed = false;

  readonly #frames: Received[] = [];
  readonly #takers: ((frame: Received) => void)[] = [];
  #rest: Buffer;
  #tellClosed!: (code: number) => void;

  constructor(socket: Socket, role: "client" | "server", behind: Buffer) {
    this.socket = socket;
    this.role = role;
    this.#rest = behind;
    this.closed = new Promise((resolve) => {
      this.#tellClosed = (code) => {
        this.hasClosed = true;
        resolve(code);
      };
    });
    this.gone = new Promise((resolve) => socket.once("close", () => resolve()));
    void this.gone.then(() => this.#tellClosed(1006));
    socket.on("data", (chunk: Buffer) => {
      this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
      this.#readAll();
    });
    socket.on("end", () => socket.end());
    this.#readAll();
    // Whoever read the handshake has paused it.
    socket.resume();
  }

  frame(first: number, payload: Uint8Array | string = ""): Buffer {
    return frame(this.role, first, payload);
  }

  header(first: number, length: number | bigint): Buffer {
    return header(this.role, first, length);
  }

  /** Writes, and waits until the kernel has it or the connection is over. */
  write(bytes: Uint8Array): Promise<void> {
    this.sentBytes += bytes.length;
    return new Promise((resolve) => {
      if (this.socket.destroyed || this.socket.writableEnded) resolve();
      else this.socket.write(bytes, () => resolve());
    });
  }

  /** Writes `bytes` again and again until the other end closes, at most `times`. */
  async flood(bytes: Uint8Array, times: number): Promise<void> {
    for (let count = 0; count < times && !this.hasClosed; count++) {
      await this.write(bytes);
      // A turn, in which a Close can be read.
      if (count % 64 === 63) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** The next frame that is no Close. */
  next(): Promise<Received> {
    const waiting = this.#frames.shift();
    if (waiting !== undefined) return Promise.resolve(waiting);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  /** Sends a short text and waits for it to come back. */
  async echo(text: string): Promise<void> {
    await this.write(this.frame(0x81, text));
    const { first, payload } = await this.next();
    if (first !== 0x81 || payload.toString() !== text) {
      throw new Error(`the echo of "${text}" was ${first.toString(16)} "${payload.toString()}"`);
    }
  }

  /** Sends a ping and waits for its pong: everything before it has been read by then. */
  async echoControl(): Promise<void> {
    await this.write(this.frame(0x89, "?"));
    const { first } = await this.next();
    if (first !== 0x8a) throw new Error(`the answer to a ping was ${first.toString(16)}`);
  }

  /** Hangs up without a word. */
  leave(): void {
    this.socket.destroy();
  }

  #readAll(): void {
    for (let one = this.#read(); one !== undefined; one = this.#read()) {
      if ((one.first & 0x0f) === 8) {
        this.#tellClosed(one.payload.length < 2 ? 1005 : one.payload.readUInt16BE(0));
        this.socket.end();
      } else {
        const taker = this.#takers.shift();
        if (taker === undefined) this.#frames.push(one);
        else taker(one);
      }
    }
  }

  #read(): Received | undefined {
    const bytes = this.#rest;
    if (bytes.length < 2) return undefined;
    const isMasked = (bytes[1]! & 0x80) !== 0;
    const short = bytes[1]! & 0x7f;
    const size = short === 126 ? 2 : short === 127 ? 8 : 0;
    const start = 2 + size + (isMasked ? 4 : 0);
    if (bytes.length < start) return undefined;
    const length =
      size === 0 ? short : size === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    if (bytes.length < start + length) return undefined;
    const payload = Buffer.from(bytes.subarray(start, start + length));
    if (isMasked) {
      const key = bytes.subarray(start - 4, start);
      for (let i = 0; i < length; i++) payload[i] = payload[i]! ^ key[i & 3]!;
    }
    this.#rest = bytes.subarray(start + length);
    return { first: bytes[0]!, payload };
  }
}
