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

/** @internal What was asked for and agreed on, which sockets share that opened in the same way. */
export interface Agreed {
  readonly url: string;
  readonly protocol: string;
  readonly extensions: string;
}

export class ServerWebSocket<Data = undefined> extends Socket implements Listed {
  /** What `authenticate` returned; yours to change. */
  data: Data;
  /** @internal */
  listPlace: number = NOT_LISTED;
  /** @internal */
  listNumber = 0;

  readonly #agreed: Agreed;
  readonly #owner: SocketOwner<Data>;
  readonly #remoteAddress: string;

  /** @internal */
  constructor(data: Data, remoteAddress: string, agreed: Agreed, owner: SocketOwner<Data>) {
    super();
    this.data = data;
    this.#agreed = agreed;
    this.#remoteAddress = remoteAddress;
    this.#owner = owner;
  }

  /** Path and query of the request, as sent, such as "/chat?room=1". */
  get url(): string {
    return this.#agreed.url;
  }

  /** The subprotocol in use; "" for none. */
  get protocol(): string {
    return this.#agreed.protocol;
  }

  /** The extensions in use, as negotiated; "" for none. */
  get extensions(): string {
    return this.#agreed.extensions;
  }

  /**
   * The client's address, as far as `trustProxy` allows; "" when it has none (a Unix socket). It
   * stays known after the end.
   */
  override get remoteAddress(): string {
    return this.#remoteAddress;
  }

  /** @internal */
  protected get handlers(): ServerHandlers<Data> {
    return this.#owner.handlers;
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
      this.runOpen(open, request);
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
  private runOpen(open: NonNullable<ServerHandlers<Data>["open"]>, request: UpgradeRequest): void {
    const opening = this.callOpen(open, request);
    if (opening === undefined) return;
    this.hold();
    opening.then(
      () => this.release(),
      (error: unknown) => {
        this.openFailed(error);
        this.release();
      },
    );
  }

  private callOpen(
    open: NonNullable<ServerHandlers<Data>["open"]>,
    request: UpgradeRequest,
  ): Promise<void> | undefined {
    try {
      const result: unknown = open(this, request);
      return result instanceof Promise ? result : undefined;
    } catch (error) {
      this.openFailed(error);
      return undefined;
    }
  }

  private openFailed(error: unknown): void {
    this.close(1011);
    throwLater(error);
  }

  protected override onClosed(info: CloseInfo & { readonly wasClean: boolean }): void {
    this.#owner.removed(this);
    super.onClosed(info);
  }
}
