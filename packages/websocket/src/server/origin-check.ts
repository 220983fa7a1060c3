/**
 * Which web pages may connect. Browsers let any page open a WebSocket to any server, with the
 * user's cookies, and only the `Origin` header tells (RFC 6455 §10.2): the check is on unless it is
 * turned off. A request without `Origin` does not come from a browser, and could say anything.
 *
 * Origins are compared whole with serialised origins (RFC 6454 §6.2), never searched in, so there is
 * nothing in them to be fooled by.
 */
import type { UpgradeRequest } from "./upgrade-request.js";

/**
 * - `"same"`: the page comes from the scheme, host and port that the request goes to.
 * - a list of origins, and no others: `"https://example.org"`, with the port unless it is the
 *   default; `"https://*.example.org"` for every name with exactly one more label, not
 *   `example.org` itself; `"null"` for pages without an origin (sandboxed, `file:`).
 * - a predicate. What it throws is answered 500.
 * - `"any"`: every page. Then cookies do not prove that the user wanted to connect.
 */
export type OriginPolicy =
  | "same"
  | "any"
  | readonly string[]
  | ((origin: string, request: UpgradeRequest) => boolean);

export type OriginCheck = (origin: string, request: UpgradeRequest) => boolean;

/** @throws {TypeError} when an entry of a list could never match, or matches more than it seems. */
export function createOriginCheck(policy: OriginPolicy): OriginCheck {
  if (typeof policy === "function") return policy;
  if (policy === "any") return () => true;
  if (policy === "same") {
    return (origin, request) => isSameOrigin(origin, request.secure, request.host);
  }
  if (typeof policy === "string") {
    throw new TypeError(
      `origins must be "same", "any", a list or a function; for one origin write [${JSON.stringify(policy)}]`,
    );
  }
  return createListCheck(policy);
}

/** Whether `origin` is what a browser sends from pages of `host`. */
export function isSameOrigin(origin: string, secure: boolean, host: string): boolean {
  const own = `${secure ? "https" : "http"}://${host}`;
  // The usual case. What differs may still be a host in capitals, or with the default port.
  return origin === own || origin === serializeOrigin(own);
}

interface Wildcard {
  /** Up to the label: `https://`. */
  readonly before: string;
  /** Behind the label: `.example.org:8443`. */
  readonly after: string;
}

function createListCheck(list: readonly string[]): OriginCheck {
  const exact = new Set<string>();
  const wildcards: Wildcard[] = [];
  for (const entry of list) {
    const star = entry.indexOf("*");
    if (star === -1) exact.add(assertOrigin(entry));
    else wildcards.push(readWildcard(entry, star));
  }
  if (wildcards.length === 0) return (origin) => exact.has(origin);
  return (origin) => exact.has(origin) || wildcards.some((one) => matchesWildcard(origin, one));
}

function matchesWildcard(origin: string, { before, after }: Wildcard): boolean {
  const end = origin.length - after.length;
  if (end <= before.length || !origin.startsWith(before) || !origin.endsWith(after)) return false;
  for (let index = before.length; index < end; index++) {
    if (!isLabelCharacter(origin.charCodeAt(index))) return false;
  }
  return true;
}

/** What browsers keep in one label of a host name: a–z, 0–9, hyphen and, though no host, `_`. */
function isLabelCharacter(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x2d ||
    code === 0x5f
  );
}

function readWildcard(entry: string, star: number): Wildcard {
  const before = entry.slice(0, star);
  const after = entry.slice(star + 1);
  if (entry === "*") throw new TypeError('origins ["*"] would allow every page: write "any"');
  const plain = `${before}label${after}`;
  const isWellFormed =
    before.endsWith("://") &&
    !after.includes("*") &&
    after.startsWith(".") &&
    serializeOrigin(plain) === plain;
  if (!isWellFormed) {
    throw new TypeError(
      `origins has ${JSON.stringify(entry)}: "*" stands for one whole label at the front, as in "https://*.example.org"`,
    );
  }
  return { before, after };
}

/** `null` and origins of other schemes, such as browser extensions', have no other form. */
function assertOrigin(entry: string): string {
  if (entry === "null") return entry;
  const origin = serializeOrigin(entry);
  if (origin === entry) return entry;
  if (origin === undefined) {
    throw new TypeError(
      `origins has ${JSON.stringify(entry)}, which is no origin: write scheme, host and port, such as "https://example.org"`,
    );
  }
  throw new TypeError(
    `origins has ${JSON.stringify(entry)}, which no browser sends: write ${JSON.stringify(origin)}`,
  );
}

/** The origin of a URL as a browser writes it: lower case, no default port, nothing behind. */
function serializeOrigin(text: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  if (url.host === "") return undefined;
  // Schemes other than the web's have no origin by the URL standard; browsers send scheme and host.
  return url.origin === "null" ? `${url.protocol}//${url.host}` : url.origin;
}
