/**
 * The way of a request to its 101: gate → places → subprotocol → `authenticate` → acceptance. A
 * request that has taken a place gives it back in one of two ways: refused, or when its socket is
 * gone.
 */
import { hash } from "node:crypto";
import type { Socket as NetSocket } from "node:net";
import {
  assertSubprotocols,
  type Extension,
  formatAcceptance,
  formatExtensions,
  type HandshakeLimits,
  type HeaderLine,
  type Refusal,
  refuse,
  refuseForbidden,
  refuseTooManyRequests,
  refuseUnavailable,
  selectSubprotocol,
} from "@tidewire/ws-protocol";
import { sha1 } from "../node-platform.js";
import { throwLater } from "../throw-later.js";
import { RETRY_AFTER_SECONDS, type ResolvedServerLimits } from "../websocket-limits.js";
import type { WireOptions } from "../wire.js";
import type { ConnectionCounts } from "./connection-counts.js";
import { Gate } from "./gate.js";
import type { PathRule } from "./path-rule.js";
import { type AbortCause, type AbortListener, PendingHandshake } from "./pending-handshake.js";
import type { ReceivedRequest } from "./received-request.js";
import { ignoreError, refuseUpgrade } from "./refuse-upgrade.js";
import type { Refused, WebSocketServerOptions } from "./server-options.js";
import { type Agreed, ServerWebSocket, type SocketOwner } from "./server-web-socket.js";
import { type SocketOpening, socketOpenings } from "./socket-opening.js";
import type { UpgradeRequest } from "./upgrade-request.js";

/** A request on its way to a 101, from the moment it has taken a place. */
interface Attempt<Data> {
  readonly request: UpgradeRequest;
  readonly netSocket: NetSocket;
  readonly head: Uint8Array;
  readonly done: Done<Data> | undefined;
  readonly subprotocol: string | undefined;
}

/** Told what became of a request that was handed over by hand. */
export type Done<Data> = (socket: ServerWebSocket<Data> | undefined) => void;

export interface AdmissionLimits {
  readonly server: ResolvedServerLimits;
  readonly handshake: HandshakeLimits;
}

export class Admission<Data> {
  readonly #options: WebSocketServerOptions<Data>;
  readonly #limits: ResolvedServerLimits;
  readonly #wireOptions: WireOptions;
  readonly #counts: ConnectionCounts;
  readonly #owner: SocketOwner<Data>;
  readonly #gate: Gate;
  readonly #pending = new Set<PendingHandshake<Attempt<Data>>>();

  /** Of the latest socket. */
  #agreed: Agreed = { url: "", protocol: "", extensions: "" };
  #isClosed = false;
  #hasWarned = false;

  /** @throws {TypeError | RangeError} when an option could never do what it says. */
  constructor(
    options: WebSocketServerOptions<Data>,
    limits: AdmissionLimits,
    wireOptions: WireOptions,
    counts: ConnectionCounts,
    owner: SocketOwner<Data>,
  ) {
    const { subprotocols } = options;
    if (typeof subprotocols === "object") assertSubprotocols(subprotocols);
    this.#options = options;
    this.#limits = limits.server;
    this.#wireOptions = wireOptions;
    this.#counts = counts;
    this.#owner = owner;
    this.#gate = new Gate(options, limits.handshake);
  }

  get path(): PathRule {
    return this.#gate.path;
  }

  /** Admits no more, and answers 503 to those that wait. */
  close(): void {
    this.#isClosed = true;
    for (const pending of this.#pending) pending.abort("closing");
  }

  /** Judges one request and answers it. */
  upgrade(
    received: ReceivedRequest,
    netSocket: NetSocket,
    head: Uint8Array,
    done?: Done<Data>,
  ): void {
    if (netSocket.destroyed || answersEarlierRequest(netSocket)) {
      netSocket.on("error", ignoreError);
      netSocket.destroy();
      done?.(undefined);
      return;
    }
    if (this.#isClosed || this.#counts.full) {
      this.#refuse(netSocket, this.#refuseFull(), done);
      return;
    }
    let request: UpgradeRequest | Refusal;
    try {
      request = this.#gate.judge(received, netSocket);
    } catch (error) {
      this.#refuseThrown(netSocket, error, done);
      return;
    }
    if ("type" in request) this.#refuse(netSocket, request, done);
    else this.#admit(request, netSocket, head, done);
  }

  #admit(
    request: UpgradeRequest,
    netSocket: NetSocket,
    head: Uint8Array,
    done: Done<Data> | undefined,
  ): void {
    let subprotocol: string | undefined;
    try {
      subprotocol = this.#chooseSubprotocol(request);
    } catch (error) {
      this.#refuseThrown(netSocket, error, done);
      return;
    }
    if (subprotocol === undefined && this.#options.requireSubprotocol === true) {
      this.#refuse(netSocket, this.#refuseSubprotocols(), done);
      return;
    }
    if (!this.#counts.take(request.remoteAddress)) {
      this.#refuse(netSocket, this.#refuseAddress(request.remoteAddress), done);
      return;
    }
    this.#authenticate({ request, netSocket, head, done, subprotocol });
  }

  #chooseSubprotocol(request: UpgradeRequest): string | undefined {
    const { subprotocols } = this.#options;
    const { subprotocols: offered } = request;
    if (subprotocols === undefined) return undefined;
    return typeof subprotocols === "function"
      ? subprotocols(offered, request)
      : selectSubprotocol(offered, subprotocols);
  }

  #authenticate(attempt: Attempt<Data>): void {
    const { authenticate } = this.#options;
    if (authenticate === undefined) {
      // Without `authenticate`, nothing can have given Data another type than its default.
      this.#accept(attempt, undefined as Data);
      return;
    }
    let verdict: Data | Refused | Promise<Data | Refused>;
    try {
      verdict = authenticate(attempt.request);
    } catch (error) {
      this.#leave(attempt, error);
      return;
    }
    if (isThenable(verdict)) this.#authenticateLater(attempt, verdict);
    else this.#decide(attempt, verdict);
  }

  #authenticateLater(attempt: Attempt<Data>, verdict: PromiseLike<Data | Refused>): void {
    const { pendingHandshakesMax, handshakeTimeoutMs } = this.#limits;
    // On the own port the socket flows; what comes now must wait in its buffer.
    if (attempt.netSocket.readableFlowing === true) attempt.netSocket.pause();
    const pending = new PendingHandshake(attempt, handshakeTimeoutMs, this.#onAbort);
    this.#pending.add(pending);
    // These must not refer to the attempt: the promise may stay for ever.
    verdict.then(
      (data) => {
        const settled = this.#finish(pending);
        if (settled !== undefined) this.#decide(settled, data);
      },
      (error: unknown) => {
        const settled = this.#finish(pending);
        if (settled !== undefined) this.#leave(settled, error);
      },
    );
    if (this.#pending.size > pendingHandshakesMax) pending.abort("closing");
  }

  #finish(pending: PendingHandshake<Attempt<Data>>): Attempt<Data> | undefined {
    this.#pending.delete(pending);
    return pending.finish();
  }

  readonly #onAbort: AbortListener<Attempt<Data>> = (attempt, cause, pending) => {
    this.#pending.delete(pending);
    this.#abort(attempt, cause);
  };

  /** The client has gone, or has to go, before `authenticate` has answered. */
  #abort(attempt: Attempt<Data>, cause: AbortCause): void {
    const { handshakeTimeoutMs } = this.#limits;
    attempt.request.abort(new Error(ABORT_REASONS[cause]));
    if (cause === "timeout") {
      const body = `Authentication took longer than handshakeTimeoutMs (${handshakeTimeoutMs} ms). Try again in ${RETRY_AFTER_SECONDS} s.`;
      this.#leave(attempt, refuseUnavailable(RETRY_AFTER_SECONDS, body));
    } else if (cause === "closing") {
      this.#leave(attempt, this.#refuseFull());
    } else {
      this.#counts.release(attempt.request.remoteAddress);
      attempt.netSocket.destroy();
      attempt.done?.(undefined);
    }
  }

  #decide(attempt: Attempt<Data>, verdict: Data | Refused): void {
    if (verdict === undefined || verdict === null || verdict === false) {
      this.#leave(attempt, refuseForbidden());
    } else if (isRefusal(verdict)) this.#leave(attempt, verdict);
    else this.#accept(attempt, verdict);
  }

  #accept(attempt: Attempt<Data>, data: Data): void {
    const { request, netSocket, head, done, subprotocol } = attempt;
    const agreement = this.#owner.deflate?.agree(request.opening.extensions);
    const extensions = agreement === undefined ? NO_EXTENSIONS : [agreement.answer];
    let acceptance: string;
    try {
      const headers = this.#options.headers?.(request) ?? NO_HEADERS;
      acceptance = formatAcceptance(request.opening, {
        sha1,
        sha1Base64,
        subprotocol,
        extensions,
        headers,
      });
    } catch (error) {
      this.#leave(attempt, error);
      return;
    }
    const agreed = this.#agree(
      request.url,
      subprotocol ?? "",
      agreement === undefined ? "" : formatExtensions(extensions),
    );
    const socket = new ServerWebSocket<Data>(data, request.remoteAddress, agreed, this.#owner);
    this.#owner.added(socket);
    if (socketOpenings.hasSubscribers) {
      const { message } = request;
      const opening: SocketOpening = { request: message, netSocket, response: acceptance };
      socketOpenings.publish(opening);
    }
    const deflate = agreement && this.#owner.deflate?.createSession(agreement);
    const options = deflate === undefined ? this.#wireOptions : { ...this.#wireOptions, deflate };
    // It goes on in the next turn, when the socket listens.
    if (netSocket.isPaused()) netSocket.resume();
    socket.accept(netSocket, options, acceptance, head, request, done);
  }

  #agree(url: string, protocol: string, extensions: string): Agreed {
    const latest = this.#agreed;
    const isSame =
      latest.url === url && latest.protocol === protocol && latest.extensions === extensions;
    if (!isSame) this.#agreed = { url: ownText(url), protocol, extensions };
    return this.#agreed;
  }

  // ——— refusals ———

  /** Gives the place back; `reason` is a refusal, or what was thrown. */
  #leave({ request, netSocket, done }: Attempt<Data>, reason: unknown): void {
    this.#counts.release(request.remoteAddress);
    if (isRefusal(reason)) this.#refuse(netSocket, reason, done);
    else this.#refuseThrown(netSocket, reason, done);
  }

  #refuse(netSocket: NetSocket, refusal: Refusal, done: Done<Data> | undefined): void {
    try {
      refuseUpgrade(netSocket, refusal);
    } catch (error) {
      // A refusal that was put together by hand can hold what no header may.
      this.#refuseThrown(netSocket, error, done);
      return;
    }
    this.#report(refusal, undefined);
    done?.(undefined);
  }

  /** Our side failed; the client learns no details. */
  #refuseThrown(netSocket: NetSocket, thrown: unknown, done: Done<Data> | undefined): void {
    if (isRefusal(thrown)) {
      this.#refuse(netSocket, thrown, done);
      return;
    }
    const refusal = refuse(500, "The server failed to judge this request. Try again later.");
    refuseUpgrade(netSocket, refusal);
    if (this.#options.refused !== undefined) this.#report(refusal, thrown);
    else this.#warnOnce(thrown);
    done?.(undefined);
  }

  #report(refusal: Refusal, cause: unknown): void {
    try {
      this.#options.refused?.(refusal, cause);
    } catch (error) {
      throwLater(error);
    }
  }

  #warnOnce(thrown: unknown): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const detail = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    process.emitWarning(
      "A handshake was answered 500 because of an error; give `refused` to hear of all of them.",
      { type: "WebSocketServerWarning", detail },
    );
  }

  #refuseFull(): Refusal {
    return refuseUnavailable(RETRY_AFTER_SECONDS);
  }

  #refuseAddress(address: string): Refusal {
    return refuseTooManyRequests(
      RETRY_AFTER_SECONDS,
      `More connections from one address than connectionsPerAddressMax (${this.#counts.maxFor(address)}). Close some first; behind a proxy, set trustProxy at the server.`,
    );
  }

  #refuseSubprotocols(): Refusal {
    const { subprotocols } = this.#options;
    const which = Array.isArray(subprotocols) ? ` Offer one of: ${subprotocols.join(", ")}.` : "";
    return refuse(400, `The request offers no subprotocol that this server speaks.${which}`);
  }
}

const NO_EXTENSIONS: readonly Extension[] = [];
const NO_HEADERS: readonly HeaderLine[] = [];

const ABORT_REASONS: Readonly<Record<AbortCause, string>> = {
  gone: "the client has gone",
  timeout: "authentication took longer than handshakeTimeoutMs",
  closing: "the server takes no more handshakes",
};

/**
 * A copy: in V8 a part of a text keeps all of it, and on an own port that is the whole head with its
 * cookies. Shorter parts are copies anyway. Of a target that was judged every character is ASCII.
 */
function ownText(text: string): string {
  return text.length < PART_LENGTH_MIN ? text : Buffer.from(text, "latin1").toString("latin1");
}

const PART_LENGTH_MIN = 13;

function sha1Base64(text: string): string {
  return hash("sha1", text, "base64");
}

/**
 * Whether the response to an earlier, pipelined request is still being written: a 101 would come
 * before it, and the client, or a proxy, would take one for the other. Who opens a WebSocket has to
 * wait for what it asked before.
 */
function answersEarlierRequest(netSocket: NetSocket): boolean {
  const { _httpMessage } = netSocket as { _httpMessage?: object | null };
  return _httpMessage !== undefined && _httpMessage !== null;
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value;
}

function isRefusal(value: unknown): value is Refusal {
  if (typeof value !== "object" || value === null) return false;
  return "type" in value && value.type === "refused" && "status" in value && "headers" in value;
}
