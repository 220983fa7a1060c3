/** Where a client connects to (https://websockets.spec.whatwg.org/#dom-websocket-websocket). */

export interface Destination {
  /** The URL in its normal form, with the scheme of WebSocket. */
  readonly href: string;
  readonly secure: boolean;
  /** Name or address, IPv6 in brackets; "localhost" behind a Unix socket. */
  readonly host: string;
  readonly port: number;
  /** Path and query. */
  readonly target: string;
  /** The path of a Unix socket, or the name of a Windows pipe. */
  readonly socketPath: string | undefined;
  /** `Basic` credentials of the URL's user and password. */
  readonly authorization: string | undefined;
}

/**
 * Reads a URL with the scheme ws, wss, http or https, or `ws+unix:/path/to.sock:/request?x=1` and
 * the same with `wss+unix`. The path of a socket is percent-decoded and ends at its first colon.
 *
 * @throws {DOMException} SyntaxError when it is relative, has another scheme, or a fragment.
 */
export function readUrl(given: string | URL): Destination {
  const text = `${given}`;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw syntaxError(`${JSON.stringify(text)} is not an absolute URL`);
  }
  if (url.href.includes("#")) {
    throw syntaxError("the URL has a fragment (#…), which a WebSocket cannot have");
  }
  switch (url.protocol) {
    case "http:":
    case "ws:":
      return readHostUrl(url, false);
    case "https:":
    case "wss:":
      return readHostUrl(url, true);
    case "ws+unix:":
      return readSocketUrl(url, false);
    case "wss+unix:":
      return readSocketUrl(url, true);
    default:
      throw syntaxError(
        `the URL's scheme is ${url.protocol} where ws:, wss:, http:, https:, ws+unix: or wss+unix: may stand`,
      );
  }
}

/** The URL without what must not be shown: user and password. */
export function hostOf({ host, port, socketPath }: Destination): string {
  return socketPath ?? `${host}:${port}`;
}

function readHostUrl(url: URL, secure: boolean): Destination {
  url.protocol = secure ? "wss:" : "ws:";
  return {
    href: url.href,
    secure,
    host: url.hostname,
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    target: `${url.pathname}${url.search}`,
    socketPath: undefined,
    authorization: readCredentials(url),
  };
}

function readSocketUrl(url: URL, secure: boolean): Destination {
  if (url.host !== "") {
    throw syntaxError(`write ${url.protocol}/path/to.sock:/request, without a host`);
  }
  const colon = url.pathname.indexOf(":");
  const encoded = colon === -1 ? url.pathname : url.pathname.slice(0, colon);
  const path = colon === -1 ? "/" : url.pathname.slice(colon + 1);
  const socketPath = decode(encoded);
  if (socketPath === "" || socketPath.includes("\0")) {
    throw syntaxError("the URL has no path of a socket, or one with a NUL");
  }
  if (!path.startsWith("/")) {
    throw syntaxError("the request's path, behind the colon, must begin with a slash");
  }
  return {
    href: url.href,
    secure,
    host: "localhost",
    port: secure ? 443 : 80,
    target: `${path}${url.search}`,
    socketPath,
    authorization: undefined,
  };
}

function readCredentials({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  const pair = Buffer.from(`${decode(username)}:${decode(password)}`).toString("base64");
  return `Basic ${pair}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw syntaxError("the URL has a percent sign that encodes nothing");
  }
}

function syntaxError(message: string): DOMException {
  return new DOMException(message, "SyntaxError");
}
