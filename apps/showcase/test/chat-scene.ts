// The chat's server on a port, which the test can take away and give back, with or without its memory;
// and clients of it.
import type { Client } from "@tidewire/client/node";
import { Hub, MemoryBackplane } from "@tidewire/hub";
import { identify } from "../server/hub/identify.js";
import { type ChatServer, registerChat } from "../server/pages/chat/register-chat.js";
import { FileStore } from "../server/transfers/file-store.js";
import type { Said } from "../shared/chat/contract.js";
import { contract, type ShowcaseContract } from "../shared/contract.js";
import type { ShowcaseClient } from "../web/session/session.js";
import { HubPort } from "./hub-port.js";

export class ChatScene {
  /** The clock of what may be done so often per second. */
  now = 0;
  /** A second passes whenever somebody looks at the clock: nothing is too fast. */
  isHurried = false;
  hub!: Hub<ShowcaseContract>;
  chat!: ChatServer;
  store!: FileStore;
  /** How far the store's clock is ahead. */
  laterMs = 0;
  readonly #port = new HubPort();

  static async open(): Promise<ChatScene> {
    const scene = new ChatScene();
    scene.#newHub();
    await scene.plug();
    return scene;
  }

  get errors(): unknown[] {
    return this.#port.errors;
  }

  /** A tab, by the secret of its own: the same secret is the same person, none is a guest. */
  connect(tab: string | undefined): ShowcaseClient {
    return this.#port.connect(tab === undefined ? undefined : tokenOf(tab));
  }

  /** Somebody who is in a room already. */
  async enter(name: string, room = "lobby"): Promise<ShowcaseClient> {
    const client = this.connect(name);
    await client.request("chat.join", { room, name });
    return client;
  }

  /** A client that does not check what it sends. */
  connectCareless(tab: string): Client {
    return this.#port.connectCareless(tokenOf(tab));
  }

  /** All lines are cut, and nobody answers. */
  unplug(): Promise<void> {
    return this.#port.unplug();
  }

  plug(): Promise<void> {
    return this.#port.plug(this.hub);
  }

  /** The server is another process now: it has forgotten everything. */
  async forget(): Promise<void> {
    await this.hub.close();
    this.chat.close?.();
    this.#newHub();
  }

  async close(): Promise<void> {
    await this.#port.close();
    await this.hub.close();
    this.chat.close?.();
    this.store.close();
  }

  #newHub(): void {
    const hub: Hub<ShowcaseContract> = new Hub({
      contract,
      authenticate: identify,
      // Few enough to overflow while nobody reads.
      limits: { logEntries: 64, ackEntries: 8 },
      backplane: new MemoryBackplane(),
      rooms: (name) => chat.rooms?.(name),
      onError: (error) => this.errors.push(error),
    });
    this.store?.close();
    this.store = new FileStore({ now: () => Date.now() + this.laterMs });
    const chat = registerChat(hub, { store: this.store }, () => {
      if (this.isHurried) this.now += 1_000;
      return this.now;
    });
    this.hub = hub;
    this.chat = chat;
  }
}

/** A secret of its own for each name. */
export function tokenOf(name: string): string {
  return Buffer.from(name.padEnd(16, "-")).toString("hex").slice(0, 32);
}

/** Who somebody is to the others. */
export function personId(name: string): string {
  const { user } = identify({ token: tokenOf(name) });
  if (user === undefined) throw new Error("A token makes a person.");
  return user;
}

export function messageId(number: number): string {
  return number.toString(16).padStart(32, "0");
}

/** What a client is told to have been said, from now on. */
export function hear(client: ShowcaseClient): Said[] {
  const heard: Said[] = [];
  client.on("chat.said", (said) => heard.push(said));
  return heard;
}
