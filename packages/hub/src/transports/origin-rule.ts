// Which web pages may connect. Origins are compared whole with serialised origins (RFC 6454 §6.2),
// never searched in, so there is nothing in them to be fooled by.

import type { GatePolicy, OriginFacts } from "../sessions/admission.js";

/** Whether a page of `origin` may connect. */
export type OriginRule = (origin: string, facts: OriginFacts) => boolean;

/** @throws {TypeError} when an entry could never match, or allows more than it may. */
export function createOriginRule({ origins, credentials }: GatePolicy): OriginRule {
  if (typeof origins === "function") return origins;
  if (origins === "same-origin") return sameOriginRule();
  if (typeof origins === "string") {
    throw new TypeError(
      `origins must be "same-origin", a list or a function; for one origin write [${JSON.stringify(origins)}]`,
    );
  }
  if (origins.includes("*")) {
    if (credentials) {
      throw new TypeError(
        'origins has "*" and credentials is true: every page of the web could act with the cookies ' +
          "of your users. List the origins, or leave credentials off.",
      );
    }
    return (origin) => origin !== "";
  }
  const allowed = new Set(origins.map(assertOrigin));
  return (origin) => allowed.has(origin);
}

/** Remembers the latest answer: most requests come from the same pages to the same host. */
function sameOriginRule(): OriginRule {
  let latestOrigin = "";
  let latestHost: string | undefined;
  let isAllowed = false;
  return (origin, { url }) => {
    const host = hostOf(url);
    if (origin !== latestOrigin || host !== latestHost) {
      isAllowed = isSameOrigin(origin, host);
      latestOrigin = origin;
      latestHost = host;
    }
    return isAllowed;
  };
}

/**
 * Whether `origin` is what a browser sends from pages of the request's own host. The scheme is left
 * out: behind a proxy that ends TLS the hub cannot know its own.
 */
function isSameOrigin(origin: string, asked: string | undefined): boolean {
  const page = parse(origin);
  if (page === undefined || page.origin !== origin || !/^https?:$/.test(page.protocol))
    return false;
  if (asked === undefined || asked.includes("@")) return false;
  // The default port of the page's scheme may be written in Host, or not.
  return parse(`${page.protocol}//${asked}`)?.host === page.host;
}

function hostOf(url: string): string | undefined {
  return /^[a-z]+:\/\/([^/?#]+)/.exec(url)?.[1];
}

/** `null` and origins of other schemes, such as browser extensions', have no other form. */
function assertOrigin(entry: string): string {
  if (entry === "null") return entry;
  if (entry.includes("*")) {
    throw new TypeError(
      `origins has ${JSON.stringify(entry)}: a list holds exact origins. For a pattern give a function.`,
    );
  }
  const url = parse(entry);
  // Schemes other than the web's have no origin by the URL standard; browsers send scheme and host.
  const origin = url?.origin === "null" ? `${url.protocol}//${url.host}` : url?.origin;
  if (url === undefined || url.host === "") {
    throw new TypeError(
      `origins has ${JSON.stringify(entry)}, which is no origin: write scheme, host and port, such as "https://example.org"`,
    );
  }
  if (origin !== entry) {
    throw new TypeError(
      `origins has ${JSON.stringify(entry)}, which no browser sends: write ${JSON.stringify(origin)}`,
    );
  }
  return entry;
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
