/** Servers of a test, ended with it. */
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type ServerWebSocket,
  WebSocketServer,
  type WebSocketServerOptions,
} from "@tidewire/websocket";
import { onTestFinished } from "vitest";
import WebSocket from "ws";

/** A server on a free port. */
export async function startServer<Data = undefined>(
  options: WebSocketServerOptions<Data> = {},
): Promise<{ server: WebSocketServer<Data>; port: number; url: string }> {
  const server = new WebSocketServer<Data>(options);
  const { port } = await server.listen({ host: "127.0.0.1" });
  onTestFinished(() => server.close({ timeoutMs: 0 }));
  return { server, port, url: `ws://127.0.0.1:${port}` };
}

/** An HTTP server on a free port. */
export async function startHttp(
  ...handlers: Parameters<typeof createServer>[1][]
): Promise<{ http: HttpServer; port: number }> {
  const http = createServer(...(handlers as [Parameters<typeof createServer>[1]]));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  );
  return { http, port: (http.address() as AddressInfo).port };
}

/** A client of the `ws` package, open. */
export function openClient(
  url: string,
  options: WebSocket.ClientOptions & { protocols?: string[] } = {},
): Promise<WebSocket> {
  const { protocols, ...rest } = options;
  const client = new WebSocket(url, protocols ?? [], { perMessageDeflate: false, ...rest });
  onTestFinished(() => client.terminate());
  return new Promise((resolve, reject) => {
    client.once("open", () => resolve(client));
    client.once("error", reject);
  });
}

/** What a client's handshake was answered with. */
export function refusedClient(
  url: string,
  options: WebSocket.ClientOptions = {},
): Promise<{ status: number; body: string }> {
  const client = new WebSocket(url, options);
  return new Promise((resolve, reject) => {
    client.once("open", () => reject(new Error("the server accepted the request")));
    client.once("unexpected-response", (_request, response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode!, body }));
    });
  });
}

/** The next message of a client. */
export function nextMessage(client: WebSocket): Promise<string> {
  return new Promise((resolve) => client.once("message", (data) => resolve(String(data))));
}

/** How a client saw its connection end. */
export function closeOf(client: WebSocket): Promise<{ code: number; reason: string }> {
  return new Promise((resolve) =>
    client.once("close", (code, reason) => resolve({ code, reason: String(reason) })),
  );
}

/** Hands out what is put in, in order: events of a server, awaited by a test. */
export class Channel<T> {
  readonly #items: T[] = [];
  readonly #takers: ((item: T) => void)[] = [];

  readonly put = (item: T): void => {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#items.push(item);
    else taker(item);
  };

  take(): Promise<T> {
    if (this.#items.length > 0) return Promise.resolve(this.#items.shift()!);
    return new Promise((resolve) => this.#takers.push(resolve));
  }
}

export type AnySocket = ServerWebSocket<undefined>;
