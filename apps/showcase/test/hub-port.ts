// A port of this machine with a hub behind it, which the test can take away and give back; and its clients.
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type Client, connect } from "@tidewire/client/node";
import type { Hub } from "@tidewire/hub";
import { type Attached, attach } from "@tidewire/hub/node";
import { contract, type ShowcaseContract } from "../shared/contract.js";
import { hubPath } from "../shared/hub-path.js";
import type { ShowcaseClient } from "../web/session/session.js";

/** Back at once: the dice of the backoff always fall low. */
const quick = { transports: ["websocket"], platform: { random: () => 0.01 } } as const;

export class HubPort {
  /** Of the clients, and what else the scene puts there. */
  readonly errors: unknown[] = [];
  readonly #clients: Pick<Client, "retry" | "close">[] = [];
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #attached: Attached | undefined;
  #number = 0;

  get number(): number {
    return this.#number;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#number}`;
  }

  /** @param url of a proxy before it, if there is one */
  connect(token: string | undefined, url = this.url): ShowcaseClient {
    const credentials = token === undefined ? {} : { token };
    return this.#keep(connect(`${url}${hubPath}`, { contract, ...credentials, ...quick }));
  }

  /** A client that does not check what it sends. */
  connectCareless(token?: string): Client {
    const credentials = token === undefined ? {} : { token };
    return this.#keep(connect(`${this.url}${hubPath}`, { ...credentials, ...quick }));
  }

  /** The hub answers, on the same port as before; clients are told to try. */
  async plug(hub: Hub<ShowcaseContract>): Promise<void> {
    const server = createServer((_, response) => response.writeHead(404).end());
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    this.#attached = attach(hub, server, { path: hubPath });
    await new Promise<void>((resolve) => server.listen(this.#number, "127.0.0.1", resolve));
    this.#number = (server.address() as AddressInfo).port;
    this.#server = server;
    for (const client of this.#clients) client.retry();
  }

  /** All lines break; clients come back by themselves. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** All lines are cut, and nobody answers. */
  async unplug(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    this.cut();
    await closed;
    await this.#attached?.close();
  }

  /** For good. */
  async close(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.unplug();
  }

  #keep<C extends Client | ShowcaseClient>(client: C): C {
    client.watch("error", (error) => this.errors.push(error));
    this.#clients.push(client);
    return client;
  }
}
