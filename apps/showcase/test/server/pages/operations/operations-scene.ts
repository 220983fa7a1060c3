// The showcase's hub with a known token, in this process, and sessions for it.
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "@tidewire/client/node";
import { type Attached, attach } from "@tidewire/hub/node";
import { vi } from "vitest";
import { createHub, type RunningHub } from "../../../../server/hub/create-hub.js";
import { contract } from "../../../../shared/contract.js";
import { hubPath } from "../../../../shared/hub-path.js";
import type { ShowcaseClient } from "../../../../web/session/session.js";

export const token = "the-token-of-this-test";

export class OperationsScene {
  readonly running: RunningHub;
  /** The lines on the server's console. */
  readonly audit: string[] = [];
  readonly #server: Server;
  readonly #attached: Attached;
  readonly #clients: ShowcaseClient[] = [];

  private constructor(page: RequestListener) {
    vi.spyOn(console, "log").mockImplementation((line: string) => this.audit.push(line));
    this.running = createHub(undefined, token);
    this.#server = createServer(page);
    this.#attached = attach(this.running.hub, this.#server, { path: hubPath });
  }

  static async open(
    page: RequestListener = (_, response) => response.writeHead(404).end(),
  ): Promise<OperationsScene> {
    const scene = new OperationsScene(page);
    await new Promise<void>((resolve) => scene.#server.listen(0, "127.0.0.1", resolve));
    return scene;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A visitor's session. */
  async visitor(transport: "websocket" | "sse" = "websocket"): Promise<ShowcaseClient> {
    const client = connect(`${this.url}${hubPath}`, { contract, transports: [transport] });
    this.#clients.push(client);
    await client.ready();
    return client;
  }

  /** One that has shown the token. */
  async operator(): Promise<ShowcaseClient> {
    const client = await this.visitor();
    await client.request("operations.unlock", token);
    return client;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.#attached.close();
    await this.running.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    vi.restoreAllMocks();
  }
}
