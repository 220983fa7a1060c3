/** One client's connection at the server. */
import type { Socket as NetSocket } from "node:net";
import type { CloseInfo } from "@tidewire/ws-protocol";
import { type BinaryType, Socket } from "../socket.js";
import type { SocketHandlers } from "../socket-handlers.js";
import { throwLater } from "../throw-later.js";
import type { WireOptions } from "../wire.js";
import type { ServerDeflate } from "./server-deflate.js";
import { type Listed, NOT_LISTED } from "./socket-list.js";
import type { UpgradeRequest } from "./upgrade-request.js";

/** What happens on the sockets of a server; one object serves them all. */
export interface ServerHandlers<Data> extends SocketHandlers<ServerWebSocket<Data>> {
  /**
   * A socket opened. What arrives waits until this returns, or until its promise settles. If it
   * throws, the peer sees 1011 and the error surfaces as an uncaught exception.
   */
  open?:
    | ((socket: ServerWebSocket<Data>, request: UpgradeRequest) => void | Promise<void>)
    | undefined;
}

/** @internal The server, as its sockets know it. */
export interface SocketOwner<Data> {
  readonly handlers: ServerHandlers<Data>;
  readonly deflate: ServerDeflate | undefined;
  /** Before it opens. */
  added(socket: ServerWebSocket<Data>): void;
  /** After its end. */
  removed(socket: ServerWebSocket<Data>): void;
}

/** @internal What the handshake found out. */
export interface SocketFacts<Data> {
  readonly data: Data;
  readonly url: string;
  readonly protocol: string;
  readonly extensions: string;
  readonly remoteAddress: string;
}

export class ServerWebSocket<Data = undefined> extends Socket implements Listed {
  /** What `authenticate` returned; yours to change. */
  data: Data;
  /** Path and query of the request, as sent, such as "/chat?room=1". */
  readonly url: string;
  /** The subprotocol in use; "" for none. */
  readonly protocol: string;
  /** The extensions in use, as negotiated; "" for none. */
  readonly extensions: string;
  /** @internal */
  listPlace: number = NOT_LISTED;
  /** @internal */
  listNumber = 0;

  protected readonly handlers: ServerHandlers<Data>;
  readonly #owner: SocketOwner<Data>;
  readonly #remoteAddress: string;

  /** @internal */
  constructor(facts: SocketFacts<Data>, owner: SocketOwner<Data>) {
    super();
    this.data = facts.data;
    this.url = facts.url;
    this.protocol = facts.protocol;
    this.extensions = facts.extensions;
    this.#remoteAddress = facts.remoteAddress;
    this.handlers = owner.handlers;
    this.#owner = owner;
  }

  /**
   * The client's address, as far as `trustProxy` allows; "" when it has none (a Unix socket). It
   * stays known after the end.
   */
  override get remoteAddress(): string {
    return this.#remoteAddress;
  }

  /** @internal */
  get deflateForMany(): ServerDeflate | undefined {
    return this.extensions === "" ? undefined : this.#owner.deflate;
  }

  /** @internal */
  protected get binaryTypeDefault(): BinaryType {
    return "uint8array";
  }

  /** @internal */
  protected get closesWithAnyCode(): boolean {
    return true;
  }

  /**
   * @internal Sends the 101 and opens. What the `open` handler sends at once leaves in the same
   * write, behind the 101.
   *
   * @param done whoever handed the request over: a turn later it has its listeners in place.
   */
  accept(
    netSocket: NetSocket,
    options: WireOptions,
    acceptance: string,
    head: Uint8Array,
    request: UpgradeRequest,
    done: ((socket: this) => void) | undefined,
  ): void {
    this.attach(netSocket, options);
    const { open } = this.handlers;
    if (open === undefined) netSocket.write(acceptance, "latin1");
    else {
      this.holdOutput();
      this.#open(open, request);
      this.releaseOutput(acceptance);
    }
    if (done !== undefined) {
      this.hold();
      done(this);
      setImmediate(() => this.release());
    }
    this.start(head);
  }

  /** Nothing that arrives is delivered before the application is ready for it. */
  #open(open: NonNullable<ServerHandlers<Data>["open"]>, request: UpgradeRequest): void {
    const opening = this.#callOpen(open, request);
    if (opening === undefined) return;
    this.hold();
    opening.then(
      () => this.release(),
      (error: unknown) => {
        this.#openFailed(error);
        this.release();
      },
    );
  }

  #callOpen(
    open: NonNullable<ServerHandlers<Data>["open"]>,
    request: UpgradeRequest,
  ): Promise<void> | undefined {
    try {
      const result: unknown = open(this, request);
      return result instanceof Promise ? result : undefined;
    } catch (error) {
      this.#openFailed(error);
      return undefined;
    }
  }

  #openFailed(error: unknown): void {
    this.close(1011);
    throwLater(error);
  }

  protected override onClosed(info: CloseInfo & { readonly wasClean: boolean }): void {
    this.#owner.removed(this);
    super.onClosed(info);
  }
}
