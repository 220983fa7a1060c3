// The chat on the hub: which call is answered by what.
import { createHash } from "node:crypto";
import * as v from "valibot";
import { attachMetaSchema, type RoomInfo } from "../../../shared/chat/contract.js";
import { hubRoom } from "../../../shared/chat/limits.js";
import type { PageServer, PageServices, ShowcaseHub } from "../../hub/create-hub.js";
import { Chat } from "./chat.js";
import { roomHistory } from "./limits.js";
import type { ChatPeer } from "./visitor.js";

export interface ChatServer extends PageServer {
  /** Every room with the number of people in it, in the order in which they came to be. */
  readonly directory: readonly RoomInfo[];
}

/** @param now milliseconds, for what may be done so often per second */
export function registerChat(
  hub: ShowcaseHub,
  { store }: Pick<PageServices, "store">,
  now: () => number = Date.now,
): ChatServer {
  const chat = new Chat(hub, store, now);
  hub.handle("chat.join", (peer, data) => chat.join(peer, data));
  hub.handle("chat.rename", (peer, { name }) => chat.rename(peer, name));
  hub.handle("chat.say", (peer, data) => chat.say(peer, data));
  hub.handle("chat.say-file", (peer, { room, id }) => chat.sayFile(peer, room, id));
  hub.on("chat.drop-file", (peer, { room, id }) => chat.dropFile(peer, room, id));
  hub.handle("chat.reach", (peer, { room, id }) => chat.reach(peer, room, id));
  hub.on("chat.leave", (peer, { room }) => chat.leave(peer, room));
  hub.on("chat.seen", (peer, data) => chat.seen(peer, data));
  hub.on("chat.typing", (peer, { room }) => chat.typing(peer, room));
  const upload = {
    // The chat says it in words for people, with the file's name.
    sizeMax: Number.POSITIVE_INFINITY,
    sha256: () => createHash("sha256"),
  };
  hub.onUpload("chat.attach", upload, (peer, given) =>
    // The contract has checked it; the hub does not know its type.
    chat.attach(peer as ChatPeer, v.parse(attachMetaSchema, given.file.meta), given),
  );
  hub.onStream("chat.fetch", (peer, stream, { room, file }) =>
    chat.fetch(peer, stream, room, file),
  );
  hub.on("disconnect", (peer) => chat.forget(peer));
  return {
    rooms: (name) =>
      name.startsWith(hubRoom("")) ? { presence: true, history: roomHistory } : undefined,
    close: () => chat.close(),
    get directory() {
      return chat.directory;
    },
  };
}
