/** A client that sends exactly the bytes of a test, and shows exactly what came back. */
import { connect, type Socket } from "node:net";

export const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
/** RFC 6455 §1.3: what answers that key. */
export const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** The header lines of a request that is right, without its Host. */
export const UPGRADE_LINES: readonly string[] = [
  "Upgrade: websocket",
  "Connection: Upgrade",
  `Sec-WebSocket-Key: ${KEY}`,
  "Sec-WebSocket-Version: 13",
];

/** A request head; further lines go behind the right ones. */
export function requestHead(path = "/", ...lines: string[]): string {
  return headOf(`GET ${path} HTTP/1.1`, ["Host: localhost", ...UPGRADE_LINES, ...lines]);
}

export function headOf(requestLine: string, lines: readonly string[]): string {
  return `${[requestLine, ...lines].join("\r\n")}\r\n\r\n`;
}

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** What follows the head. */
  readonly body: string;
}

/** Everything that a server sends back until it hangs up. */
export async function request(port: number, bytes: string | Uint8Array): Promise<Answer> {
  const client = new RawClient(port);
  client.write(bytes);
  await client.ended;
  return client.answer();
}

export class RawClient {
  readonly socket: Socket;
  /** Resolves at the server's end of the stream, or after a reset. */
  readonly ended: Promise<void>;
  /** The code of the error that ended the connection, such as ECONNRESET. */
  error: string | undefined;

  #received: Buffer = Buffer.alloc(0);
  #waiting: { readonly resolve: () => void } | undefined;

  constructor(port: number, host = "127.0.0.1") {
    this.socket = connect({ port, host });
    this.socket.on("data", (chunk) => this.#take(chunk));
    this.socket.on("error", (error: NodeJS.ErrnoException) => {
      this.error = error.code;
    });
    this.ended = new Promise((resolve) => {
      this.socket.once("end", resolve);
      this.socket.once("close", resolve);
    });
    void this.ended.then(() => {
      this.#waiting?.resolve();
      this.socket.end();
    });
  }

  get connected(): Promise<void> {
    return new Promise((resolve) => this.socket.once("connect", resolve));
  }

  get received(): Buffer {
    return this.#received;
  }

  write(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  /** Waits until the head of the answer is here. */
  async head(): Promise<Answer> {
    while (!this.#received.includes("\r\n\r\n")) await this.more();
    return this.answer();
  }

  /** Waits until `count` bytes have come behind the head, or the server hangs up. */
  async bodyBytes(count: number): Promise<Buffer> {
    await this.head();
    const start = this.#received.indexOf("\r\n\r\n") + 4;
    while (this.#received.length < start + count && !this.socket.readableEnded) await this.more();
    return this.#received.subarray(start);
  }

  /** Waits for anything further. @throws {Error} when the server has hung up. */
  more(): Promise<void> {
    if (this.socket.readableEnded || this.socket.destroyed) {
      throw new Error(`the server hung up after ${JSON.stringify(this.#received.toString())}`);
    }
    return new Promise((resolve) => {
      this.#waiting = { resolve };
    });
  }

  answer(): Answer {
    const text = this.#received.toString("latin1");
    const end = text.indexOf("\r\n\r\n");
    const [statusLine = "", ...lines] = text.slice(0, end).split("\r\n");
    const headers = new Map<string, string>();
    for (const line of lines) {
      const colon = line.indexOf(":");
      headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
    }
    return { status: Number(statusLine.split(" ")[1]), headers, body: text.slice(end + 4) };
  }

  /** Sends RST. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Hangs up; resolves when the connection is gone. */
  async hangUp(): Promise<void> {
    if (this.socket.destroyed) return;
    const closed = new Promise((resolve) => this.socket.once("close", resolve));
    this.socket.destroy();
    await closed;
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve();
  }
}

/** A frame as a client sends it, masked with zeros: the payload stays readable. */
export function clientFrame(first: number, payload: string | Uint8Array): Buffer {
  const bytes = Buffer.from(payload as Uint8Array);
  const length =
    bytes.length < 126
      ? Buffer.from([0x80 | bytes.length])
      : Buffer.from([0x80 | 126, bytes.length >> 8, bytes.length & 0xff]);
  return Buffer.concat([Buffer.from([first]), length, Buffer.alloc(4), bytes]);
}
