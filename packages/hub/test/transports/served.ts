// A hub on a real port, and the rawest clients: bytes in, bytes out.

import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type Server,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { connect } from "node:net";
import { Hub, type HubOptions } from "@tidewire/hub";
import { type Attached, attach, type NodeOptions } from "@tidewire/hub/node";
import {
  type Batch,
  type Hello,
  jsonCodec,
  type Packet,
  SseReader,
} from "@tidewire/session-protocol";
import { onTestFinished } from "vitest";

export interface Served {
  readonly hub: Hub;
  readonly server: Server;
  readonly attached: Attached;
  readonly port: number;
  /** The hub's base URL. */
  readonly base: string;
  /** Errors that the hub or the transports reported. */
  readonly errors: unknown[];
}

/** Serves until the test is over. */
export async function serve(
  hubOptions: HubOptions = {},
  options: NodeOptions = {},
): Promise<Served> {
  const errors: unknown[] = [];
  const hub = new Hub({ onError: (error) => errors.push(error), ...hubOptions });
  const server = createServer((_, response) => {
    response.writeHead(404).end("not the hub");
  });
  const failed = (error: unknown): void => void errors.push(error);
  const attached = attach(hub, server, { failed, ...options });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  onTestFinished(async () => {
    await hub.close();
    await attached.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { hub, server, attached, port, base: `http://127.0.0.1:${port}/tidewire`, errors };
}

export const ndjson = "application/x-ndjson";

export function lines(...packets: readonly (Packet | object)[]): string {
  return packets.map((packet) => `${JSON.stringify(packet)}\n`).join("");
}

export const hello: Hello = { type: "hello", version: 1, link: 1 };

export const say = (data: unknown): Packet => ({ type: "event", name: "say", data });

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The framed packets of a 200, or the `bye` of an error. */
  readonly packets: Packet[];
}

/** A complete POST. */
export async function post(
  url: string,
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>,
  init: RequestInit = {},
): Promise<Answered> {
  const response = await fetch(url, {
    method: "POST",
    body,
    ...init,
    headers: { "content-type": ndjson, ...(init.headers as Record<string, string> | undefined) },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, packets: packetsOf(text) };
}

export function packetsOf(text: string): Packet[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => jsonCodec.decode(line) as Packet);
}

/** An open response of `/sse` or `/stream`, packet by packet. */
export interface OpenLink {
  readonly response: Response;
  /** All text so far. */
  text(): string;
  /** The next packet; undefined at the end. */
  next(): Promise<Packet | undefined>;
  /** The next packet of a type. */
  until<T extends Packet["type"]>(type: T): Promise<Extract<Packet, { type: T }>>;
  /** Hangs up. */
  abort(): void;
}

export async function openLink(
  base: string,
  kind: "sse" | "stream",
  greeting: Hello = hello,
  headers: Record<string, string> = {},
): Promise<OpenLink> {
  const controller = new AbortController();
  const response = await fetch(`${base}/${kind}`, {
    method: "POST",
    body: lines(greeting),
    headers: { "content-type": ndjson, ...headers },
    signal: controller.signal,
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const sse = new SseReader(10_000_000);
  const waiting: Packet[] = [];
  let text = "";
  let rest = "";
  const take = (chunk: string): void => {
    text += chunk;
    if (kind === "sse")
      sse.push(chunk, ({ data }) => waiting.push(jsonCodec.decode(data) as Packet));
    else {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop() ?? "";
      waiting.push(...packetsOf(parts.join("\n")));
    }
  };
  const next = async (): Promise<Packet | undefined> => {
    while (waiting.length === 0) {
      const { done, value } = await reader.read();
      if (done) return undefined;
      take(value);
    }
    return waiting.shift();
  };
  return {
    response,
    text: () => text,
    next,
    async until(type) {
      for (;;) {
        const packet = await next();
        if (packet === undefined) throw new Error(`the response ended without ${type}`);
        if (packet.type === type) return packet as never;
      }
    },
    abort: () => controller.abort(),
  };
}

/** A `batch` for a link that was welcomed. */
export function batchFor(
  welcome: Extract<Packet, { type: "welcome" }>,
  more: Partial<Batch> = {},
): Batch {
  const { session, link } = welcome;
  return { type: "batch", session, secret: welcome.secret!, link, ...more };
}

export async function welcomeOf(link: OpenLink): Promise<Extract<Packet, { type: "welcome" }>> {
  return await link.until("welcome");
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A request with any headers, Host and Origin too; a WebSocket handshake if they say so. */
export function rawRequest(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<RawAnswer> {
  const { method = "POST", headers = {}, body = "" } = options;
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, host: "127.0.0.1", path, method, headers, agent: false });
    request.on("error", reject);
    request.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text: "" });
    });
    request.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      const settle = (): void =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      response.on("data", (chunk: string) => {
        text += chunk;
        // An open response has no end of its own.
        if (text.includes('"welcome"')) {
          request.destroy();
          settle();
        }
      });
      response.on("end", settle);
    });
    request.end(body);
  });
}

export const upgradeHeaders = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-protocol": "tidewire.v1.json",
} as const;

/** A plain TCP socket; `done` is everything that it got, once the server has hung up. */
export function rawSocket(port: number): { socket: Socket; done: Promise<string> } {
  const socket = connect(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => {});
  const done = new Promise<string>((resolve) => {
    socket.on("close", () => resolve(Buffer.concat(chunks).toString()));
  });
  return { socket, done };
}

/** Polls a condition over turns of the event loop: for what has no event of its own. */
export async function eventually(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}
