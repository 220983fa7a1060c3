// The room in the address: `#/chat/some-room`.
import { lobby } from "../../../shared/chat/limits.js";
import { pairOf } from "../../../shared/chat/private-room.js";
import { tidyRoomName } from "../../../shared/text-rules.js";
import { addressOf } from "../../shell/route.js";
import { chatEntry } from "./entry.js";

export function roomAddress(room: string): string {
  return addressOf(chatEntry.name, room);
}

export function goToRoom(room: string): void {
  location.hash = roomAddress(room);
}

/** The lobby when the address names none. */
export function roomOf([name = ""]: readonly string[]): string {
  return pairOf(name) ? name : tidyRoomName(name) || lobby;
}
