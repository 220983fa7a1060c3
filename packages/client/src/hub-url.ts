// The address of a hub (PROTOCOL.md §10), from the one that the application gives.

/**
 * The base as `http:` or `https:`. It may be given as `ws:` or `wss:` too, and relative to the page.
 * @throws {TypeError} when it is no such URL. The text does not repeat it: it may hold a password.
 */
export function hubUrl(base: string | URL, relativeTo: string | undefined): URL {
  let problem = "is not a URL";
  try {
    const url = new URL(base, relativeTo);
    const scheme = url.protocol.replace("ws", "http");
    if (url.username + url.password !== "") problem = "holds credentials (use the option token)";
    else if (scheme !== "http:" && scheme !== "https:") problem = `begins with ${url.protocol}`;
    else {
      url.protocol = scheme;
      url.hash = "";
      url.pathname = url.pathname.replace(/\/+$/, "");
      return url;
    }
  } catch {}
  throw new TypeError(`The hub's URL ${problem}. Give one such as https://example.org/tidewire.`);
}
