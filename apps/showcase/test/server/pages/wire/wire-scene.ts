// A server with the inspector, a page that is looked at, and the page's second session that looks.
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type ClientOptions, connect } from "@tidewire/client/node";
import { attach } from "@tidewire/hub/node";
import { createHub, type RunningHub } from "../../../../server/hub/create-hub.js";
import { contract, type ShowcaseContract } from "../../../../shared/contract.js";
import { hubPath } from "../../../../shared/hub-path.js";
import type { FrameItem, Report, ReportItem } from "../../../../shared/wire/contract.js";
import { specimenPath } from "../../../../shared/wire/specimen-path.js";
import type { ShowcaseClient } from "../../../../web/session/session.js";
import { tokenOf } from "../../../chat-scene.js";

export class WireScene {
  readonly running: RunningHub;
  /** Node's sockets, in the order in which they were opened. */
  readonly sockets: Socket[] = [];
  readonly #clients: ShowcaseClient[] = [];
  readonly #close: () => Promise<void>;
  readonly #url: string;

  get port(): number {
    return Number(new URL(this.#url).port);
  }

  /** Of the compressed echo. */
  get specimenUrl(): string {
    return this.#url.replace(/^http/, "ws").replace(hubPath, specimenPath);
  }

  private constructor(running: RunningHub, url: string, close: () => Promise<void>) {
    this.running = running;
    this.#url = url;
    this.#close = close;
  }

  static async open(): Promise<WireScene> {
    const running = createHub(undefined);
    const server = createServer();
    const attached = attach(running.hub, server, { path: hubPath });
    running.mount(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const scene = new WireScene(running, `http://127.0.0.1:${port}${hubPath}`, async () => {
      await attached.close();
      await running.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    server.on("connection", (socket) => scene.sockets.push(socket));
    return scene;
  }

  /** A session of whoever has that secret. */
  async page(
    tab: string,
    options: ClientOptions<ShowcaseContract> = { transports: ["websocket"] },
  ): Promise<ShowcaseClient> {
    const client = connect(this.#url, {
      contract,
      token: tokenOf(tab),
      // Back at once: the dice of the backoff always fall low.
      platform: { random: () => 0.01 },
      ...options,
    });
    this.#clients.push(client);
    await client.ready();
    return client;
  }

  /** Looks at a page, over another session of the same person. */
  async watch(page: ShowcaseClient, tab: string): Promise<Watch> {
    const { ticket } = await page.request("wire.inspect");
    const client = await this.page(tab, { transports: ["sse"] });
    const watch = new Watch(client);
    await client.request("wire.watch", { ticket });
    return watch;
  }

  /** Things that are wrapped around a socket's own. */
  tapped(): Socket[] {
    return this.sockets.filter((socket) => Object.hasOwn(socket, "write"));
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.#close();
  }
}

/** What the watcher was told. */
export class Watch {
  readonly client: ShowcaseClient;
  readonly reports: Report[] = [];

  constructor(client: ShowcaseClient) {
    this.client = client;
    client.on("wire.report", (report) => this.reports.push(report));
  }

  get items(): ReportItem[] {
    return this.reports.flatMap(({ items }) => items);
  }

  get frames(): FrameItem[] {
    return this.items.filter((item) => item.type === "frame");
  }

  get text(): string {
    return this.frames.map(({ payload }) => Buffer.from(payload).toString("latin1")).join("\n");
  }
}
