/** A server that answers an opening handshake with exactly the bytes of a test. */
import { createHash } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { onTestFinished } from "vitest";

export interface RawServer {
  readonly port: number;
  readonly url: string;
  /** The heads of the requests so far. */
  readonly requests: string[];
  /** Resolves when a connection of the server was closed. */
  readonly gone: Promise<void>;
}

export interface RawServerOptions {
  readonly tls?: TlsOptions;
  /** The path of a Unix socket instead of a port. */
  readonly path?: string;
}

/** Calls `answer` with each request; its connections end with the test. */
export async function startRawServer(
  answer: (socket: Socket, request: string, index: number) => void,
  options: RawServerOptions = {},
): Promise<RawServer> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let tellGone!: () => void;
  const gone = new Promise<void>((resolve) => {
    tellGone = resolve;
  });
  const serve = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      tellGone();
    });
    let head = "";
    const read = (chunk: Buffer): void => {
      head += chunk.toString("latin1");
      if (!head.includes("\r\n\r\n")) return;
      socket.off("data", read);
      answer(socket, head, requests.push(head) - 1);
    };
    socket.on("data", read);
  };
  const server: Server =
    options.tls === undefined ? createServer(serve) : createTlsServer(options.tls, serve);
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => {
    if (options.path === undefined) server.listen(0, "127.0.0.1", resolve);
    else server.listen(options.path, resolve);
  });
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  );
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const scheme = options.tls === undefined ? "ws" : "wss";
  return { port, url: `${scheme}://127.0.0.1:${port}/`, requests, gone };
}

/** The value of a header of a raw request. */
export function headerOf(request: string, name: string): string | undefined {
  return new RegExp(`\r\n${name}: ([^\r]*)`, "i").exec(request)?.[1];
}

/** RFC 6455 §4.2.2. */
export function acceptOf(request: string): string {
  const key = headerOf(request, "Sec-WebSocket-Key") ?? "";
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** A right answer; further lines go behind the right ones. */
export function acceptance(request: string, ...lines: string[]): string {
  const right = ["Upgrade: websocket", "Connection: Upgrade"];
  const all = [...right, `Sec-WebSocket-Accept: ${acceptOf(request)}`, ...lines];
  return `HTTP/1.1 101 Switching Protocols\r\n${all.join("\r\n")}\r\n\r\n`;
}

/** A frame of a server: `first` is its first byte. */
export function serverFrame(first: number, payload: Uint8Array | string): Buffer {
  const bytes = Buffer.from(payload as string);
  const { length } = bytes;
  const header =
    length < 126
      ? Buffer.from([first, length])
      : length < 65_536
        ? Buffer.from([first, 126, length >> 8, length & 0xff])
        : Buffer.from([first, 127, 0, 0, 0, 0, ...uint32(length)]);
  return Buffer.concat([header, bytes]);
}

export interface ClientFrame {
  readonly first: number;
  readonly payload: Buffer;
}

/** Reads the frames of a client, which are masked, independently of the code under test. */
export class ClientFrames {
  readonly #frames: ClientFrame[] = [];
  readonly #takers: ((frame: ClientFrame) => void)[] = [];
  #rest: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    socket.on("data", (chunk: Buffer) => {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      for (let frame = this.#read(); frame !== undefined; frame = this.#read()) {
        const taker = this.#takers.shift();
        if (taker === undefined) this.#frames.push(frame);
        else taker(frame);
      }
    });
  }

  next(): Promise<ClientFrame> {
    const frame = this.#frames.shift();
    if (frame !== undefined) return Promise.resolve(frame);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  #read(): ClientFrame | undefined {
    const bytes = this.#rest;
    if (bytes.length < 2) return undefined;
    const short = bytes[1]! & 0x7f;
    const size = short === 126 ? 2 : short === 127 ? 8 : 0;
    const start = 2 + size + 4;
    if (bytes.length < start) return undefined;
    const length =
      size === 0 ? short : size === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    if (bytes.length < start + length) return undefined;
    const key = bytes.subarray(start - 4, start);
    const payload = Buffer.from(bytes.subarray(start, start + length));
    for (let i = 0; i < length; i++) payload[i] = payload[i]! ^ key[i & 3]!;
    this.#rest = bytes.subarray(start + length);
    return { first: bytes[0]!, payload };
  }
}

function uint32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}
