// Which page is shown, and what of it: `#/chat/some-room`. In the fragment, so that a link to a
// room can be passed on and the server needs to know nothing of it.
import { type ReadonlySignal, signal } from "@preact/signals";
import { lobby } from "../../shared/limits.js";
import { tidyRoomName } from "../../shared/text-rules.js";

const current = signal(readRoom());
addEventListener("hashchange", () => {
  current.value = readRoom();
});

/** The room in the address; the lobby when there is none. */
export const routeRoom: ReadonlySignal<string> = current;

export function roomAddress(room: string): string {
  return `#/chat/${encodeURIComponent(room)}`;
}

export function goToRoom(room: string): void {
  location.hash = roomAddress(room);
}

function readRoom(): string {
  const [, page, room = ""] = location.hash.split("/");
  if (page !== "chat") return lobby;
  try {
    return tidyRoomName(decodeURIComponent(room)) || lobby;
  } catch {
    return lobby; // Broken percent-encoding: somebody cut the link.
  }
}
