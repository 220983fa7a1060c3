// Which page is shown, and what of it: `#/chat/some-room`. In the fragment, so that a link to a
// room can be passed on and the server needs to know nothing of it.
import { computed, type ReadonlySignal, signal } from "@preact/signals";

export interface Route {
  /** Empty: the start page. */
  readonly page: string;
  /** What follows the page's name, decoded. */
  readonly rest: readonly string[];
}

const hash = signal(location.hash);
addEventListener("hashchange", () => {
  hash.value = location.hash;
});

export const route: ReadonlySignal<Route> = computed(() => readRoute(hash.value));

/** For `href`, and for `location.hash`. */
export function addressOf(page: string, ...rest: readonly string[]): string {
  return `#/${[page, ...rest].map(encodeURIComponent).join("/")}`;
}

function readRoute(text: string): Route {
  const [, page = "", ...rest] = text.split("/").map(decode);
  return { page, rest };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return ""; // Broken percent-encoding: somebody cut the link.
  }
}
