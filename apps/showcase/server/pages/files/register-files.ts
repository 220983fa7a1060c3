// The drop rooms on the hub: who is told of which file, and who may do what with it. The bytes and their
// bounds are the store's business.
import { createHash } from "node:crypto";
import { FailureError, type HubStream, type Peer, type Upload } from "@tidewire/hub";
import * as v from "valibot";
import type { ShowcaseContract } from "../../../shared/contract.js";
import { fileMetaSchema, filesRoom } from "../../../shared/files/contract.js";
import type { PageServer, PageServices, ShowcaseHub } from "../../hub/create-hub.js";
import { TokenBucket } from "../../token-bucket.js";
import type { FileStore } from "../../transfers/file-store.js";
import { DropRooms } from "./drop-rooms.js";
import { actionsBurst, actionsPerSecond, downloadsMax, peoplePerRoomMax } from "./limits.js";

type FilesPeer = Peer<ShowcaseContract>;

/** @param now milliseconds, for what may be done so often per second */
export function registerFiles(
  hub: ShowcaseHub,
  { store }: Pick<PageServices, "store">,
  now: () => number = Date.now,
): PageServer {
  const files = new Files(hub, store, now);
  hub.handle("files.join", (peer, { room }) => files.join(peer, room));
  hub.on("files.leave", (peer) => files.leave(peer));
  hub.on("files.pause", (peer, { id, isPaused }) => files.pause(peer, id, isPaused));
  hub.handle("files.remove", (peer, { id }) => files.remove(peer, id));
  const upload = {
    // The store says it in words for people, with the file's name.
    sizeMax: Number.POSITIVE_INFINITY,
    sha256: () => createHash("sha256"),
  };
  hub.onUpload("files.put", upload, (peer, given) => files.put(peer as FilesPeer, given));
  hub.onStream("files.get", (peer, stream, { id }) => files.get(peer, stream, id));
  hub.onLink((peer, isLinked) => files.linked(peer, isLinked));
  hub.on("disconnect", (peer) => files.forget(peer));
  return {
    rooms: (name) => (name.startsWith(filesRoom("")) ? { presence: true } : undefined),
    close: () => files.close(),
  };
}

/** One session on this page. */
interface Visitor {
  room: string | undefined;
  downloads: number;
  readonly actions: TokenBucket;
}

class Files {
  readonly #hub: ShowcaseHub;
  readonly #store: FileStore;
  readonly #now: () => number;
  readonly #rooms: DropRooms;
  readonly #visitors = new Map<string, Visitor>();

  constructor(hub: ShowcaseHub, store: FileStore, now: () => number) {
    this.#hub = hub;
    this.#store = store;
    this.#now = now;
    this.#rooms = new DropRooms(hub, now);
  }

  join(peer: FilesPeer, room: string) {
    const visitor = this.#act(peer);
    const members = this.#hub.room(filesRoom(room)).present.length;
    if (visitor.room !== room && members >= peoplePerRoomMax) {
      throw new FailureError("room-full", `This room is full: ${peoplePerRoomMax} people.`);
    }
    if (visitor.room !== room) this.leave(peer);
    visitor.room = room;
    peer.join(filesRoom(room));
    const { fileBytesMax, visitorFilesMax, visitorBytesMax, keepMs } = this.#store.limits;
    return {
      you: userOf(peer),
      files: this.#rooms.list(room),
      limits: { fileBytesMax, visitorFilesMax, visitorBytesMax, keepMs },
    };
  }

  leave(peer: FilesPeer): void {
    const visitor = this.#visitors.get(peer.id);
    if (visitor?.room === undefined) return;
    peer.leave(filesRoom(visitor.room));
    visitor.room = undefined;
  }

  pause(peer: FilesPeer, id: string, isPaused: boolean): void {
    this.#act(peer);
    this.#rooms.pause(id, userOf(peer), isPaused);
  }

  async remove(peer: FilesPeer, id: string): Promise<null> {
    this.#act(peer);
    const file = this.#store.find(id);
    if (file === undefined) return null;
    if (file.facts.owner !== userOf(peer)) {
      throw new FailureError("forbidden", "Only who has sent a file may remove it.");
    }
    await this.#store.remove(file, new FailureError("removed", "Its sender has removed it."));
    return null;
  }

  /** Takes a file into a room, whose members see it arrive. */
  async put(peer: FilesPeer, upload: Upload): Promise<{ sha256: string }> {
    this.#act(peer);
    const { name, size, meta } = upload.file;
    // The contract has checked it; the hub does not know its type.
    const { room, id, by } = v.parse(fileMetaSchema, meta);
    const owner = userOf(peer);
    const file = this.#store.announce({ id, name, size, owner }, this.#rooms);
    this.#rooms.add(file, { room, session: peer.id, by });
    return { sha256: await this.#store.receive(file, upload) };
  }

  /** Sends a file, also while it arrives; ends with its SHA-256. */
  async get(
    peer: FilesPeer,
    stream: Pick<HubStream<undefined, Uint8Array>, "signal" | "send">,
    id: string,
  ): Promise<{ sha256: string | undefined }> {
    const visitor = this.#act(peer);
    const file = this.#store.find(id);
    if (file === undefined) {
      throw new FailureError("gone", "This file is not on the server any more.");
    }
    if (visitor.downloads >= downloadsMax) {
      throw new FailureError("busy", `At most ${downloadsMax} downloads at once.`);
    }
    visitor.downloads += 1;
    try {
      for await (const chunk of file.read(stream.signal)) await stream.send(chunk);
    } finally {
      visitor.downloads -= 1;
    }
    return { sha256: file.sha256 };
  }

  linked(peer: FilesPeer, isLinked: boolean): void {
    this.#rooms.linked(peer.id, isLinked);
  }

  /** The session is over, and its uploads with it; complete files stay. */
  forget(peer: FilesPeer): void {
    this.#visitors.delete(peer.id);
  }

  close(): void {
    this.#rooms.close();
  }

  /** @throws {FailureError} `forbidden` for a guest, `too-fast` */
  #act(peer: FilesPeer): Visitor {
    userOf(peer);
    let visitor = this.#visitors.get(peer.id);
    if (visitor === undefined) {
      const actions = new TokenBucket(actionsBurst, actionsPerSecond, this.#now());
      visitor = { room: undefined, downloads: 0, actions };
      this.#visitors.set(peer.id, visitor);
    }
    const retryInMs = visitor.actions.take(this.#now());
    if (retryInMs > 0) {
      const reason = `Too much at once: ${actionsPerSecond} actions per second at most.`;
      throw new FailureError("too-fast", reason, { data: { retryInMs } });
    }
    return visitor;
  }
}

/** @throws {FailureError} for a guest: limits are counted per visitor. */
function userOf(peer: FilesPeer): string {
  if (peer.user !== undefined) return peer.user;
  throw new FailureError("forbidden", "Connect with a token: limits are counted per visitor.");
}
