// The drop rooms on a port, over lines that the test can cut; the server may forget everything.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, connect } from "@tidewire/client/node";
import { Hub, MemoryBackplane } from "@tidewire/hub";
import { type Attached, attach } from "@tidewire/hub/node";
import type { PageServer } from "../server/hub/create-hub.js";
import { identify } from "../server/hub/identify.js";
import { registerFiles } from "../server/pages/files/register-files.js";
import { FileStore } from "../server/transfers/file-store.js";
import type { StoreLimits } from "../server/transfers/limits.js";
import { contract, type ShowcaseContract } from "../shared/contract.js";
import { hubPath } from "../shared/hub-path.js";
import type { ShowcaseClient } from "../web/session/session.js";
import { tokenOf } from "./chat-scene.js";

export class FilesScene {
  /** The clock of what may be done so often per second, and of who is away. */
  now = 0;
  /** How far the store's clock is ahead. */
  laterMs = 0;
  hub!: Hub<ShowcaseContract>;
  store!: FileStore;
  readonly errors: unknown[] = [];
  readonly #limits: Partial<StoreLimits>;
  readonly #parent = mkdtempSync(join(tmpdir(), "files-scene-"));
  readonly #clients: Pick<Client, "retry" | "close">[] = [];
  readonly #sockets = new Set<Socket>();
  #page!: PageServer;
  #server!: Server;
  #attached!: Attached;
  #port = 0;

  private constructor(limits: Partial<StoreLimits>) {
    this.#limits = limits;
  }

  static async open(limits: Partial<StoreLimits> = {}): Promise<FilesScene> {
    const scene = new FilesScene(limits);
    await scene.#start();
    return scene;
  }

  get port(): number {
    return this.#port;
  }

  /**
   * @param name the same name is the same visitor; none is a guest
   * @param url of a proxy before it, if there is one
   */
  connect(name: string | undefined, url = this.#url): ShowcaseClient {
    const client = connect(`${url}${hubPath}`, {
      contract,
      ...(name !== undefined && { token: tokenOf(name) }),
      transports: ["websocket"],
      // Back at once: the dice of the backoff always fall low.
      platform: { random: () => 0.01 },
    });
    client.watch("error", (error) => this.errors.push(error));
    this.#clients.push(client);
    return client;
  }

  /** A client that does not check what it sends. */
  connectCareless(name: string): Client {
    const client = connect(`${this.#url}${hubPath}`, { token: tokenOf(name) });
    this.#clients.push(client);
    return client;
  }

  /** What lies on the disk. */
  get kept(): string[] {
    const folders = readdirSync(this.#parent);
    return folders.flatMap((folder) => readdirSync(join(this.#parent, folder)));
  }

  /** All lines break; clients come back by themselves. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** The server is another process now. */
  async restart(): Promise<void> {
    await this.#stop();
    await this.#start();
    for (const client of this.#clients) client.retry();
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.#stop();
    rmSync(this.#parent, { recursive: true });
  }

  get #url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async #start(): Promise<void> {
    const hub: Hub<ShowcaseContract> = new Hub({
      contract,
      authenticate: identify,
      backplane: new MemoryBackplane(),
      rooms: (name) => this.#page.rooms?.(name),
      onError: (error) => this.errors.push(error),
    });
    this.hub = hub;
    this.store = new FileStore({
      limits: this.#limits,
      parent: this.#parent,
      now: () => Date.now() + this.laterMs,
    });
    this.#page = registerFiles(hub, { store: this.store }, () => this.now);
    this.#server = createServer((_, response) => response.writeHead(404).end());
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    this.#attached = attach(hub, this.#server, { path: hubPath });
    await new Promise<void>((resolve) => this.#server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async #stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await this.hub.close();
    await this.#attached.close();
    await this.#page.close?.();
    this.store.close();
    await closed;
  }
}

/** Bytes that look like nothing in particular, the same for the same seed. */
export function randomBytes(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}
