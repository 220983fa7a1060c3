/** A client's judgement of the server's response (RFC 6455 §4.1): open, or failed and why. */
import { type DeflateOfferer, PERMESSAGE_DEFLATE } from "../deflate/negotiation.js";
import type { DeflateParameters } from "../deflate/parameters.js";
import { acceptValue, type Sha1 } from "./accept-value.js";
import { equalsIgnoringCase } from "./characters.js";
import type { ClientRequest } from "./client-request.js";
import { type Extension, parseExtensions } from "./extensions.js";
import { failFault, type HandshakeFailure } from "./handshake-failure.js";
import {
  createHandshakeFault,
  type HandshakeFault,
  type HandshakeFaultCode,
  isHandshakeFault,
} from "./handshake-faults.js";
import { DEFAULT_HANDSHAKE_LIMITS, type HandshakeLimits } from "./handshake-limits.js";
import type { HeaderLines } from "./header-lines.js";
import { isHttp11 } from "./judge-request.js";
import type { ResponseHead } from "./response-head.js";
import { searchTokenList } from "./token-list.js";

/** The WebSocket connection is established. */
export interface OpeningResponse {
  readonly type: "opened";
  /** The server's choice; `undefined` if it chose none. */
  readonly subprotocol: string | undefined;
  /** The extensions in use, in the server's order, permessage-deflate included. */
  readonly extensions: readonly Extension[];
  /** The agreement about permessage-deflate; `undefined` if it is not in use. */
  readonly deflate: DeflateParameters | undefined;
  readonly headers: HeaderLines;
}

/** RFC 6455 §11.3: at most once in a response; and `Upgrade`, of which §4.1 wants one value. */
const SINGLE_HEADERS: readonly string[] = [
  "upgrade",
  "sec-websocket-accept",
  "sec-websocket-protocol",
];

/** Judges a response to `request`, read by `ResponseHeadParser` or by another HTTP client. */
export function judgeResponse(
  request: ClientRequest,
  response: ResponseHead,
  sha1: Sha1,
  limits: HandshakeLimits = DEFAULT_HANDSHAKE_LIMITS,
): OpeningResponse | HandshakeFailure {
  const opened = readResponse(request, response, sha1, limits);
  return isHandshakeFault(opened) ? failFault(opened, response) : opened;
}

function readResponse(
  request: ClientRequest,
  response: ResponseHead,
  sha1: Sha1,
  limits: HandshakeLimits,
): OpeningResponse | HandshakeFault {
  const { headers } = response;
  if (response.status !== 101) return fault("status-unexpected", explainStatus(response));
  if (headers.count > limits.headerLinesMax) {
    return fault(
      "headers-too-many",
      `The server sent more header lines than headerLinesMax (${limits.headerLinesMax}).`,
    );
  }
  const broken = findUpgradeFault(response);
  if (broken !== undefined) return broken;
  if (headers.value("sec-websocket-accept") !== acceptValue(request.key, sha1)) {
    return fault(
      "accept-invalid",
      "The server's Sec-WebSocket-Accept does not match the key. A cache or another server has answered in its place.",
    );
  }
  const subprotocol = headers.value("sec-websocket-protocol");
  if (subprotocol !== undefined && !request.subprotocols.includes(subprotocol)) {
    return fault(
      "subprotocol-not-offered",
      `The server chose a subprotocol that was not offered. Offered: ${request.subprotocols.join(", ") || "none"}.`,
    );
  }
  const extensions = parseExtensions(headers.values("sec-websocket-extensions"), limits);
  if (isHandshakeFault(extensions)) return extensions;
  const unoffered = findExtensionFault(extensions, request.extensions);
  if (unoffered !== undefined) return unoffered;
  const deflate = judgeDeflate(extensions, request.deflate);
  if (deflate !== undefined && isHandshakeFault(deflate)) return deflate;
  return { type: "opened", subprotocol, extensions, deflate, headers };
}

function findUpgradeFault({ httpVersion, headers }: ResponseHead): HandshakeFault | undefined {
  if (!isHttp11(httpVersion)) {
    return fault("http-version-unsupported", `The server answered 101 in HTTP/${httpVersion}.`);
  }
  for (const name of SINGLE_HEADERS) {
    if (headers.values(name).length > 1) {
      return fault("header-repeated", `The server sent the header ${name} more than once.`);
    }
  }
  const upgrade = headers.value("upgrade") ?? "";
  if (!equalsIgnoringCase(upgrade, 0, upgrade.length, "websocket")) {
    return fault(
      "upgrade-invalid",
      "The server's 101 does not have the header Upgrade: websocket.",
    );
  }
  if (searchTokenList(headers.values("connection"), "upgrade") !== "found") {
    return fault("connection-invalid", "The Connection header of the server's 101 lacks Upgrade.");
  }
  return undefined;
}

function findExtensionFault(
  answers: readonly Extension[],
  offers: readonly Extension[],
): HandshakeFault | undefined {
  const answered = new Set<string>();
  for (const { name } of answers) {
    if (!offers.some((offer) => offer.name === name)) {
      return fault("extension-not-offered", "The server uses an extension that was not offered.");
    }
    if (answered.has(name)) {
      return fault("extensions-invalid", `The server's answer has the extension ${name} twice.`);
    }
    answered.add(name);
  }
  return undefined;
}

function judgeDeflate(
  answers: readonly Extension[],
  offerer: DeflateOfferer | undefined,
): DeflateParameters | HandshakeFault | undefined {
  const answer = answers.find((extension) => extension.name === PERMESSAGE_DEFLATE);
  return answer === undefined ? undefined : offerer?.judge(answer);
}

function explainStatus({ status, headers }: ResponseHead): string {
  const said = `The server answered ${status} instead of 101`;
  if (status >= 300 && status < 400) {
    return `${said}: it redirects. Connect to the URL in its Location header if you trust it.`;
  }
  switch (status) {
    case 401:
    case 407:
      return `${said}: it wants credentials that are missing or no longer valid.`;
    case 403:
      return `${said}: this origin or user may not connect.`;
    case 404:
      return `${said}: there is no WebSocket at this path.`;
    case 426:
      return `${said}: it speaks another version of WebSocket, or a proxy has removed the Upgrade header.`;
    case 429:
    case 503:
      return `${said}: it takes no connection now. ${headers.has("retry-after") ? "Its Retry-After header says when to try again." : "Try again later."}`;
    default:
      return `${said}. Check that the URL is that of a WebSocket.`;
  }
}

function fault(code: HandshakeFaultCode, detail: string): HandshakeFault {
  return createHandshakeFault(code, detail);
}
