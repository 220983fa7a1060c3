/** The client: the WHATWG's `WebSocket` with what Node users need besides. */
import { assertSubprotocols, formatExtensions } from "@tidewire/ws-protocol";
import { type BinaryType, Socket } from "../socket.js";
import { SocketEvent } from "../socket-events.js";
import { throwLater } from "../throw-later.js";
import {
  type ClientHandlers,
  type ResolvedOptions,
  resolveOptions,
  type WebSocketOptions,
} from "./client-options.js";
import { readUrl } from "./client-url.js";
import { ConnectError } from "./connect-error.js";
import { type Opened, Opening } from "./opening.js";

const NO_HANDLERS: ClientHandlers = {};

export class WebSocket extends Socket {
  readonly url: string;

  /** @internal */
  protected readonly handlers: ClientHandlers;
  readonly #options: ResolvedOptions;
  #opening: Opening | undefined;
  #protocol = "";
  #extensions = "";
  #onAbort: (() => void) | undefined;

  /**
   * Begins to connect. The result is told by `open`, or by `error`, whose `error` is a
   * `ConnectError`, followed by `close`; `connect()` gives a promise instead.
   *
   * @param url ws:, wss:, http:, https:, or `ws+unix:/path/to.sock:/request?x=1` (`wss+unix:`).
   * @param protocols subprotocols to offer, in order of preference; or the options.
   * @throws {DOMException} SyntaxError for a URL or a subprotocol that cannot be used.
   * @throws {TypeError} when an option is of the wrong kind, or a header cannot be sent.
   * @throws {RangeError} when a number among the options is out of its range.
   */
  constructor(
    url: string | URL,
    protocols?: string | readonly string[] | WebSocketOptions,
    options?: WebSocketOptions,
  ) {
    super();
    const destination = readUrl(url);
    const separate = typeof protocols === "string" || isList(protocols);
    const resolved = resolveOptions((separate ? options : (protocols ?? options)) ?? {});
    const subprotocols = readSubprotocols(
      separate ? protocols : (resolved.given.subprotocols ?? []),
    );
    this.url = destination.href;
    this.handlers = resolved.given.handlers ?? NO_HANDLERS;
    this.#options = resolved;
    this.#opening = new Opening(resolved, subprotocols, {
      opened: (result) => this.#opened(result),
      failed: (error) => this.#failed(error),
    });
    const { signal } = resolved.given;
    if (signal?.aborted === true) {
      process.nextTick(() => this.#aborted(signal.reason));
      return;
    }
    this.#opening.start(destination);
    if (!signal) return;
    this.#onAbort = () => this.#aborted(signal.reason);
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  override get protocol(): string {
    return this.#protocol;
  }

  override get extensions(): string {
    return this.#extensions;
  }

  override get remoteAddress(): string | undefined {
    return this.channel?.remoteAddress;
  }

  /** @internal */
  protected get binaryTypeDefault(): BinaryType {
    return "blob";
  }

  /** @internal */
  protected get closesWithAnyCode(): boolean {
    return false;
  }

  protected override abortOpening(): void {
    const error = new ConnectError("aborted", "the socket was closed before it was open");
    // The WHATWG tells of it later, when whoever called `close` is done.
    process.nextTick(() => this.#opening?.fail(error));
  }

  #opened({ netSocket, response, head }: Opened): void {
    this.#opening = undefined;
    const options = this.#options;
    this.#protocol = response.subprotocol ?? "";
    this.#extensions = formatExtensions(response.extensions);
    const deflate = response.deflate && options.deflateFactory?.create("client", response.deflate);
    this.attach(netSocket, deflate === undefined ? options.wire : { ...options.wire, deflate });
    try {
      this.handlers.open?.(this);
    } catch (error) {
      throwLater(error);
    }
    this.listeners?.dispatch(this, new SocketEvent("open", this));
    // A turn later, so that what follows an `await` of the opening misses no message.
    setImmediate(() => this.start(head));
  }

  #failed(error: ConnectError): void {
    this.#opening = undefined;
    this.finish({ code: 1006, reason: "", wasClean: false }, error);
  }

  #aborted(reason: unknown): void {
    if (this.#opening === undefined) {
      this.terminate();
      return;
    }
    this.#opening.fail(
      new ConnectError("aborted", "the signal was aborted before the socket was open", {
        cause: reason,
      }),
    );
  }

  protected override finish(...end: Parameters<Socket["finish"]>): void {
    if (this.#onAbort !== undefined) {
      this.#options.given.signal?.removeEventListener("abort", this.#onAbort);
    }
    super.finish(...end);
  }
}

/** @throws {DOMException} SyntaxError when one is not a token or comes twice. */
function readSubprotocols(given: string | readonly string[]): string[] {
  const names = typeof given === "string" ? [given] : Array.from(given, (name) => `${name}`);
  try {
    assertSubprotocols(names);
  } catch (error) {
    throw new DOMException((error as TypeError).message, "SyntaxError");
  }
  return names;
}

function isList(value: unknown): value is readonly string[] {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}
