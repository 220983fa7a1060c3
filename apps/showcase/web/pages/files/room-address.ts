// The drop room in the address: `#/files/some-room`.
import { roomNameLengthMax } from "../../../shared/chat/limits.js";
import { openRoom } from "../../../shared/files/contract.js";
import { tidyRoomName } from "../../../shared/text-rules.js";
import { randomId } from "../../session/tab-token.js";
import { addressOf } from "../../shell/route.js";
import { filesEntry } from "./entry.js";

/** The one that everybody comes to first, when the address names none. */
export function dropRoomOf([name = ""]: readonly string[]): string {
  return tidyRoomName(name).slice(0, roomNameLengthMax) || openRoom;
}

/** Of a room that nobody comes to who has not been given the address. */
export function newRoomAddress(): string {
  return addressOf(filesEntry.name, randomId().slice(0, 16));
}
