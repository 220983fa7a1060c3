// The addresses of a hub (PROTOCOL.md §10), from the one that the application gives.

/** `base` may be `http:`, `https:`, `ws:` or `wss:`, and relative to the page. */
export class HubUrl {
  readonly #url: URL;

  /** @throws {TypeError} when it is no such URL. */
  constructor(base: string | URL, relativeTo: string | undefined) {
    try {
      this.#url = new URL(base, relativeTo);
    } catch (cause) {
      throw new TypeError(`"${base}" is not a URL. Give the hub's, such as https://…/tidewire.`, {
        cause,
      });
    }
    const scheme = this.#url.protocol.replace("ws", "http");
    if (scheme !== "http:" && scheme !== "https:") {
      throw new TypeError(`A hub's URL is http(s): or ws(s):, not ${this.#url.protocol}.`);
    }
    if (this.#url.username !== "" || this.#url.password !== "") {
      throw new TypeError("A hub's URL must not hold credentials. Use the option token.");
    }
    this.#url.protocol = scheme;
    this.#url.hash = "";
    this.#url.pathname = this.#url.pathname.replace(/\/+$/, "");
  }

  /** The base, for what is kept per hub. */
  get key(): string {
    return this.#url.href;
  }

  get socket(): string {
    return this.#url.href.replace(/^http/, "ws");
  }

  /** `{base}/{name}`. */
  path(name: "sse" | "stream" | "poll" | "send"): string {
    const url = new URL(this.#url);
    url.pathname = `${url.pathname.replace(/\/$/, "")}/${name}`;
    return url.href;
  }
}
