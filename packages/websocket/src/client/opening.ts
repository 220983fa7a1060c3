/**
 * One attempt of a client to open a connection: requests through `node:http` and `node:https`, so
 * that agents work, follows redirects if it may, and ends with a connection or a `ConnectError`,
 * once.
 */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, RequestOptions } from "node:http";
import { type ClientRequest as HttpRequest, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket as NetSocket } from "node:net";
import {
  type ClientRequest,
  createRequest,
  HeaderLines,
  judgeResponse,
  type OpeningResponse,
} from "@tidewire/ws-protocol";
import { sha1 } from "../node-platform.js";
import { INTERIM_RESPONSES_MAX } from "../socket-limits.js";
import type { ResolvedOptions } from "./client-options.js";
import { type Destination, hostOf, readUrl } from "./client-url.js";
import { ConnectError, describeRequestError } from "./connect-error.js";
import { readRefusal } from "./refusal-body.js";

/** An open connection, on which nobody reads yet. */
export interface Opened {
  readonly netSocket: NetSocket;
  readonly response: OpeningResponse;
  /** What arrived behind the response. */
  readonly head: Uint8Array;
}

export interface OpeningEvents {
  opened(result: Opened): void;
  failed(error: ConnectError): void;
}

export class Opening {
  readonly #options: ResolvedOptions;
  readonly #subprotocols: readonly string[];
  readonly #events: OpeningEvents;
  #http: HttpRequest | undefined;
  #timer: NodeJS.Timeout | undefined;
  #redirects = 0;
  /** Whether what identifies the user may still be sent: until a redirect leaves the origin. */
  #trusted = true;
  #done = false;

  constructor(options: ResolvedOptions, subprotocols: readonly string[], events: OpeningEvents) {
    this.#options = options;
    this.#subprotocols = subprotocols;
    this.#events = events;
  }

  /** @throws {TypeError} when something could not be put into the request, or Node refuses it. */
  start(destination: Destination): void {
    this.#send(destination, this.#createRequest(destination));
    const { handshakeTimeoutMs } = this.#options;
    if (handshakeTimeoutMs !== Number.POSITIVE_INFINITY) {
      this.#timer = setTimeout(() => {
        this.fail(
          new ConnectError(
            "timeout",
            `${hostOf(destination)} did not complete the opening handshake within ${handshakeTimeoutMs} ms`,
          ),
        );
      }, handshakeTimeoutMs);
    }
  }

  /** Gives up. */
  fail(error: ConnectError): void {
    if (this.#done) return;
    this.#finish();
    this.#http?.destroy();
    this.#events.failed(error);
  }

  #finish(): void {
    this.#done = true;
    clearTimeout(this.#timer);
  }

  #createRequest({ host, port, secure, target, authorization }: Destination): ClientRequest {
    const { given, headers, deflateOfferer } = this.#options;
    const sent = this.#trusted ? [...headers] : headers.filter(([name]) => !isPersonal(name));
    if (authorization !== undefined && !sent.some(([name]) => isNamed(name, "authorization"))) {
      sent.push(["Authorization", authorization]);
    }
    return createRequest({
      host,
      port,
      secure,
      target,
      nonce: randomBytes(16),
      origin: given.origin ?? undefined,
      subprotocols: this.#subprotocols,
      deflate: deflateOfferer,
      headers: sent,
    });
  }

  #send(destination: Destination, request: ClientRequest): void {
    const send = destination.secure ? httpsRequest : httpRequest;
    const http = send(this.#requestOptions(destination, request));
    this.#http = http;
    // One more than allowed: Node drops what is above without a word, and that has to be noticed.
    http.maxHeadersCount = this.#options.handshakeLimits.headerLinesMax + 1;
    let interim = 0;
    http.on("information", () => {
      if (++interim <= INTERIM_RESPONSES_MAX) return;
      this.fail(
        new ConnectError(
          "handshake-invalid",
          "the server sends one interim response after another",
        ),
      );
    });
    http.on("error", (error) => {
      if (http === this.#http) this.fail(describeRequestError(error, hostOf(destination)));
    });
    http.on("upgrade", (response, stream, head) => {
      this.#upgraded(request, response, stream as NetSocket, head);
    });
    http.on("response", (response) => this.#answered(destination, request, response));
    http.end();
  }

  #requestOptions(destination: Destination, request: ClientRequest): RequestOptions {
    const { given, tls, handshakeLimits } = this.#options;
    const { agent, createConnection, localAddress, family, lookup } = given;
    const { host, port, socketPath, target } = destination;
    const options: Record<string, unknown> = {
      method: "GET",
      path: target,
      headers: flatten(request.headers),
      maxHeaderSize: handshakeLimits.headBytesMax,
      // An agent of its own per connection; none where somebody else connects.
      agent: agent ?? (createConnection ? undefined : false),
      ...(socketPath === undefined ? { host: host.replace(/^\[|\]$/g, ""), port } : { socketPath }),
      ...(destination.secure ? this.#trustedTls(tls) : {}),
    };
    const passed = { createConnection, localAddress, family, lookup };
    for (const [name, value] of Object.entries(passed)) {
      if (value !== undefined && value !== null) options[name] = value;
    }
    return options;
  }

  /** A certificate is a credential as well. */
  #trustedTls(tls: ResolvedOptions["tls"]): ResolvedOptions["tls"] {
    if (this.#trusted) return tls;
    const { cert, key, pfx, passphrase, secureContext, servername, session, ...rest } = tls;
    return rest;
  }

  #upgraded(
    request: ClientRequest,
    response: IncomingMessage,
    netSocket: NetSocket,
    head: Uint8Array,
  ): void {
    // From here on errors of the socket are not the request's any more.
    netSocket.on("error", ignore);
    if (this.#done) {
      netSocket.destroy();
      return;
    }
    const judged = this.#judge(request, response);
    if (judged.type === "opened") {
      this.#finish();
      netSocket.off("error", ignore);
      this.#events.opened({ netSocket, response: judged, head });
      return;
    }
    netSocket.destroy();
    this.fail(
      new ConnectError("handshake-invalid", judged.detail, {
        fault: judged.code,
        status: judged.status,
        headers: readHeaders(response),
      }),
    );
  }

  #judge(request: ClientRequest, response: IncomingMessage): ReturnType<typeof judgeResponse> {
    return judgeResponse(
      request,
      {
        status: response.statusCode ?? 0,
        reasonPhrase: response.statusMessage ?? "",
        httpVersion: response.httpVersion,
        headers: HeaderLines.fromRaw(response.rawHeaders),
      },
      sha1,
      this.#options.handshakeLimits,
    );
  }

  /** The server did not switch protocols. */
  #answered(destination: Destination, request: ClientRequest, response: IncomingMessage): void {
    response.on("error", ignore);
    if (this.#done) return;
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    if (REDIRECTS.has(status) && location !== undefined && this.#options.followRedirects > 0) {
      this.#redirect(destination, response, location);
      return;
    }
    const judged = this.#judge(request, response);
    const detail = judged.type === "failed" ? judged.detail : "The server did not switch protocols";
    const fault = judged.type === "failed" ? judged.code : undefined;
    const headers = readHeaders(response);
    // What follows is certain: no deadline changes it, and the rest only explains.
    clearTimeout(this.#timer);
    readRefusal(response, (body) => {
      const code =
        status === 101
          ? "handshake-invalid"
          : REDIRECTS.has(status)
            ? "redirect"
            : "refused-by-server";
      this.fail(new ConnectError(code, detail, { status, headers, body, fault }));
    });
  }

  #redirect(from: Destination, response: IncomingMessage, location: string): void {
    const to = resolveLocation(location, from);
    const obstacle =
      ++this.#redirects > this.#options.followRedirects
        ? `more often than followRedirects (${this.#options.followRedirects}) allows`
        : findObstacle(from, to);
    if (to === undefined || obstacle !== undefined) {
      const { statusCode: status } = response;
      this.fail(
        new ConnectError("redirect", `The server redirects (${status}) ${obstacle}`, {
          status,
          headers: readHeaders(response),
        }),
      );
      return;
    }
    this.#trusted &&= to.host === from.host && to.port === from.port && to.secure === from.secure;
    const before = this.#http;
    this.#http = undefined;
    before?.destroy();
    try {
      this.#send(to, this.#createRequest(to));
    } catch (error) {
      this.fail(describeRequestError(toError(error), hostOf(to)));
    }
  }
}

function findObstacle(from: Destination, to: Destination | undefined): string | undefined {
  if (to === undefined) return "to what is no URL of a WebSocket";
  if (to.socketPath !== from.socketPath) return "to a local socket";
  return from.secure && !to.secure
    ? "from wss: to ws:, which would give the secrecy up"
    : undefined;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const PERSONAL: ReadonlySet<string> = new Set(["authorization", "cookie", "proxy-authorization"]);

function isPersonal(name: string): boolean {
  return PERSONAL.has(name.toLowerCase());
}

function isNamed(name: string, lower: string): boolean {
  return name.toLowerCase() === lower;
}

/** The fragment of a Location is the user's to keep, and of no use to a WebSocket. */
function resolveLocation(location: string, from: Destination): Destination | undefined {
  try {
    const base = from.socketPath === undefined ? from.href : undefined;
    const url = new URL(location, base);
    url.hash = "";
    return readUrl(url.href);
  } catch {
    return undefined;
  }
}

function flatten(lines: HeaderLines): string[] {
  const flat: string[] = [];
  for (const [name, value] of lines) flat.push(name, value);
  return flat;
}

function readHeaders({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of HeaderLines.fromRaw(rawHeaders)) {
    try {
      headers.append(name, value);
    } catch {
      // What `fetch` would not take either helps nobody to understand the refusal.
    }
  }
  return headers;
}

function ignore(): void {}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
