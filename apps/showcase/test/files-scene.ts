// The drop rooms on a port, over lines that the test can cut; the server may forget everything.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "@tidewire/client/node";
import { Hub, MemoryBackplane } from "@tidewire/hub";
import type { PageServer } from "../server/hub/create-hub.js";
import { identify } from "../server/hub/identify.js";
import { registerFiles } from "../server/pages/files/register-files.js";
import { FileStore } from "../server/transfers/file-store.js";
import type { StoreLimits } from "../server/transfers/limits.js";
import { contract, type ShowcaseContract } from "../shared/contract.js";
import type { ShowcaseClient } from "../web/session/session.js";
import { tokenOf } from "./chat-scene.js";
import { HubPort } from "./hub-port.js";

export class FilesScene {
  /** The clock of what may be done so often per second, and of who is away. */
  now = 0;
  /** How far the store's clock is ahead. */
  laterMs = 0;
  hub!: Hub<ShowcaseContract>;
  store!: FileStore;
  readonly #limits: Partial<StoreLimits>;
  readonly #parent = mkdtempSync(join(tmpdir(), "files-scene-"));
  readonly #port = new HubPort();
  #page!: PageServer;

  private constructor(limits: Partial<StoreLimits>) {
    this.#limits = limits;
  }

  static async open(limits: Partial<StoreLimits> = {}): Promise<FilesScene> {
    const scene = new FilesScene(limits);
    await scene.#start();
    return scene;
  }

  get errors(): unknown[] {
    return this.#port.errors;
  }

  get port(): number {
    return this.#port.number;
  }

  /**
   * @param name the same name is the same visitor; none is a guest
   * @param url of a proxy before it, if there is one
   */
  connect(name: string | undefined, url?: string): ShowcaseClient {
    return this.#port.connect(name === undefined ? undefined : tokenOf(name), url);
  }

  /** A client that does not check what it sends. */
  connectCareless(name: string): Client {
    return this.#port.connectCareless(tokenOf(name));
  }

  /** What lies on the disk. */
  get kept(): string[] {
    const folders = readdirSync(this.#parent);
    return folders.flatMap((folder) => readdirSync(join(this.#parent, folder)));
  }

  /** All lines break; clients come back by themselves. */
  cut(): void {
    this.#port.cut();
  }

  /** The server is another process now. */
  async restart(): Promise<void> {
    await this.#stop();
    await this.#start();
  }

  async close(): Promise<void> {
    await this.#port.close();
    await this.#stop();
    rmSync(this.#parent, { recursive: true });
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
    await this.#port.plug(hub);
  }

  async #stop(): Promise<void> {
    await this.#port.unplug();
    await this.hub.close();
    await this.#page.close?.();
    this.store.close();
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
