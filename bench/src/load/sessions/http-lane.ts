// Requests of HTTP/1.1 one after the other over one connection, opened again when the server has
// closed it. Only what the servers under test answer is understood.

import { Connection } from "../connection.js";
import type { Where } from "./session.js";

/** Takes the body of an answer, whole, or piece by piece while it is open. */
export type OnBody = (bytes: Buffer, start: number, end: number) => void;

interface Exchange {
  readonly onBody: OnBody;
  readonly isOpen: boolean;
  readonly done: () => void;
}

const nothing = Buffer.alloc(0);

export class HttpLane {
  readonly #where: Where;
  readonly #onFailure: (error: Error) => void;
  #connection: Connection | undefined;
  #exchange: Exchange | undefined;
  #rest: Buffer = nothing;
  /** Bytes of the body that are still to come; undefined: the head is. */
  #left: number | undefined;
  #isChunked = false;
  #chunks: Buffer[] = [];

  constructor(where: Where, onFailure: (error: Error) => void) {
    this.#where = where;
    this.#onFailure = onFailure;
  }

  get isBusy(): boolean {
    return this.#exchange !== undefined;
  }

  /** @param done called after the last byte of the answer. */
  request(bytes: Buffer | string, onBody: OnBody, done: () => void, isOpen = false): void {
    if (this.#exchange !== undefined) throw new Error("One request at a time.");
    this.#exchange = { onBody, done, isOpen };
    this.#connection ??= this.#dial();
    this.#connection.socket.write(bytes);
  }

  cut(): void {
    const connection = this.#connection;
    this.#forget();
    connection?.socket.resetAndDestroy();
  }

  #forget(): void {
    this.#connection = undefined;
    this.#exchange = undefined;
    this.#rest = nothing;
    this.#left = undefined;
    this.#chunks = [];
  }

  #dial(): Connection {
    const connection = Connection.dial({
      ...this.#where,
      tls: false,
      onEnd: () => {
        if (this.#connection !== connection) return;
        const wasBusy = this.isBusy;
        this.#forget();
        if (wasBusy) this.#onFailure(new Error("The server closed a connection."));
      },
    });
    connection.onBytes = (bytes) => {
      try {
        this.#receive(bytes);
      } catch (error) {
        this.#onFailure(error as Error);
      }
    };
    return connection;
  }

  #receive(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = nothing;
    while (bytes.length > 0) {
      const used = this.#left === undefined ? this.#head(bytes) : this.#body(bytes);
      if (used === 0) break;
      bytes = bytes.subarray(used);
    }
    // A copy, because the chunk's memory is read into again.
    if (bytes.length > 0) this.#rest = Buffer.from(bytes);
  }

  #head(bytes: Buffer): number {
    const end = bytes.indexOf("\r\n\r\n");
    if (end < 0) return 0;
    const head = bytes.toString("latin1", 0, end);
    if (!head.startsWith("HTTP/1.1 200")) {
      throw new Error(
        `The server answered ${head.split("\r\n")[0]}: ${bytes.toString("latin1", end)}`,
      );
    }
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    this.#isChunked = length === undefined;
    this.#left = Number(length ?? 0);
    if (!this.#isChunked && this.#left === 0) this.#finish();
    return end + 4;
  }

  /** Answers how many bytes it could use. */
  #body(bytes: Buffer): number {
    if (!this.#isChunked) {
      if (bytes.length < this.#left!) return 0;
      const used = this.#left!;
      this.#exchange!.onBody(bytes, 0, used);
      this.#finish();
      return used;
    }
    const line = bytes.indexOf("\r\n");
    if (line < 0) return 0;
    const size = Number.parseInt(bytes.toString("latin1", 0, line), 16);
    const end = line + 2 + size;
    if (bytes.length < end + 2) return 0;
    if (size === 0) this.#endChunks();
    else if (this.#exchange!.isOpen) this.#exchange!.onBody(bytes, line + 2, end);
    else this.#chunks.push(Buffer.from(bytes.subarray(line + 2, end)));
    return end + 2;
  }

  #endChunks(): void {
    const body = Buffer.concat(this.#chunks);
    this.#chunks = [];
    if (!this.#exchange!.isOpen) this.#exchange!.onBody(body, 0, body.length);
    this.#finish();
  }

  #finish(): void {
    this.#left = undefined;
    const { done } = this.#exchange!;
    this.#exchange = undefined;
    done();
  }
}

/** The bytes of a request; `Host` and what describes the body are the only headers. */
export function createPost(path: string, type: string, body: string): string {
  return (
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${type}\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}
