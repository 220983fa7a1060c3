/**
 * A socket without its `net.Socket`: reads and writes go straight to libuv's stream. All that are open
 * read into one buffer, since whoever receives copies what it keeps; a write costs no object unless the
 * kernel does not take all of it.
 *
 * What is left of the `net.Socket` holds nothing and is held by nobody but those who asked for it. It
 * still shows addresses and counts, and `destroy` still ends the connection.
 */
import { Socket as NetSocket } from "node:net";
import { getSystemErrorName } from "node:util";
import type { ByteChannel, ChannelOwner } from "../byte-channel.js";
import { takeReadMemory } from "../node-platform.js";
import { type DirectAccess, findDirectAccess } from "./direct-access.js";
import type { ShutdownRequest, StreamHandle, WriteRequest } from "./stream-handle.js";

/** In what is left of a `net.Socket`. */
const kChannel: unique symbol = Symbol("tidewire.channel");

type OwnedHandle = StreamHandle & { [owner: symbol]: unknown };

/** What Node keeps in its sockets. */
interface SocketInternals {
  readonly _handle: OwnedHandle | null;
  readonly _readableState: { readonly ended: boolean };
  _server: CountingServer | null;
  _destroy(error: Error | null, done: (error: Error | null) => void): void;
  [kChannel]?: DirectChannel;
}

/** The server that a socket came from: it closes when it counts no connections any more. */
interface CountingServer {
  _connections: number;
  _emitCloseIfDrained(): void;
}

/**
 * Takes the place of `netSocket` under its owner. Returns undefined where that cannot be done: there is
 * no access, TLS lies between, bytes are under way in the socket, or somebody else listens to it.
 */
export function goUnder(netSocket: NetSocket, owner: ChannelOwner): DirectChannel | undefined {
  const found = findDirectAccess();
  if (found === undefined || !isAtRest(netSocket) || isListenedTo(netSocket)) return undefined;
  access = found;
  readBuffer ??= readView = takeReadMemory();
  const { _handle: handle, _server: server, _readableState } = internalsOf(netSocket);
  const isKnown =
    handle !== null &&
    access.handleClasses.includes(handle.constructor as (typeof access.handleClasses)[number]) &&
    handle[access.owner] === netSocket &&
    _readableState.ended === false &&
    (server === null || isCounting(server));
  return isKnown ? new DirectChannel(netSocket, handle, server, owner) : undefined;
}

function internalsOf(netSocket: NetSocket): SocketInternals {
  return netSocket as unknown as SocketInternals;
}

/** No subclass, and nothing in it that has not been read or written. */
function isAtRest(netSocket: NetSocket): boolean {
  return (
    netSocket.constructor === NetSocket &&
    !netSocket.destroyed &&
    netSocket.errored === null &&
    !netSocket.writableEnded &&
    netSocket.readableLength === 0 &&
    netSocket.writableLength === 0 &&
    netSocket.writableCorked === 0
  );
}

/** Whether anybody but Node and, for errors and the close, its wire has listeners there. */
function isListenedTo(netSocket: NetSocket): boolean {
  return (
    netSocket.listenerCount("data") > 0 ||
    netSocket.listenerCount("readable") > 0 ||
    netSocket.listenerCount("end") > 1 ||
    netSocket.listenerCount("error") > 1 ||
    netSocket.listenerCount("close") > 1
  );
}

function isCounting(server: CountingServer): boolean {
  return (
    typeof server._connections === "number" && typeof server._emitCloseIfDrained === "function"
  );
}

// The same for all; set before the first channel is made.
let access!: DirectAccess;
/** The buffer that all read into, for as long as the process runs. */
let readBuffer!: Buffer;
/** What was read last; the next read is often as long. */
let readView!: Uint8Array;

/** Serves every write until one of them uses it up. */
let spareRequest: OwnedWrite | undefined;

export class DirectChannel implements ByteChannel {
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readableEnded = false;
  closed = false;
  writableLength = 0;

  readonly #handle: StreamHandle;
  readonly #owner: ChannelOwner;
  readonly #server: CountingServer | null;
  #corked: Uint8Array[] | undefined;
  #destroyed = false;
  #ended = false;
  /** Our side has been shut down. */
  #finished = false;
  #error: Error | undefined;

  /** @internal */
  constructor(
    netSocket: NetSocket,
    handle: OwnedHandle,
    server: CountingServer | null,
    owner: ChannelOwner,
  ) {
    this.remoteAddress = netSocket.remoteAddress;
    this.remotePort = netSocket.remotePort;
    this.#handle = handle;
    this.#owner = owner;
    this.#server = server;
    handle[access.owner] = this;
    handle.useUserBuffer(readBuffer);
    handle.onread = onRead;
    const internals = internalsOf(netSocket);
    internals._server = null;
    internals._destroy = destroyLeft;
    internals[kChannel] = this;
    if (!handle.reading) this.#check(handle.readStart(), "read");
    // What is left of the socket may still have planned to start it, which must not undo a pause.
    handle.reading = true;
  }

  get writableNeedDrain(): boolean {
    return this.writableLength > 0;
  }

  pause(): void {
    if (!this.#destroyed) this.#check(this.#handle.readStop(), "read");
  }

  resume(): void {
    if (this.#destroyed || this.readableEnded) return;
    this.#check(this.#handle.readStart(), "read");
  }

  setKeepAlive(enable: boolean, initialDelayMs: number): void {
    // Like `net.Socket`: where the kernel does not do it there is nothing to be done about it.
    if (!this.#destroyed) this.#handle.setKeepAlive?.(enable, Math.trunc(initialDelayMs / 1000));
  }

  write(bytes: Uint8Array): void {
    if (this.#corked !== undefined) this.#corked.push(bytes);
    else if (this.#destroyed) this.writableLength += bytes.length;
    else {
      spareRequest ??= createRequest();
      this.#written(this.#handle.writeBuffer(spareRequest, bytes), bytes, bytes.length);
    }
  }

  cork(): void {
    this.#corked = [];
  }

  uncork(): void {
    const chunks = this.#corked;
    this.#corked = undefined;
    if (chunks === undefined || chunks.length === 0) return;
    let length = 0;
    for (const chunk of chunks) length += chunk.length;
    if (this.#destroyed) this.writableLength += length;
    else {
      spareRequest ??= createRequest();
      this.#written(this.#handle.writev(spareRequest, chunks, true), chunks, length);
    }
  }

  end(): void {
    if (this.#destroyed || this.#ended) return;
    this.#ended = true;
    const request: OwnedShutdown = new access.ShutdownWrap();
    request.channel = this;
    request.oncomplete = onShutdown;
    const status = this.#handle.shutdown(request);
    // Whoever has gone already need not be told.
    if (status === 1 || (status < 0 && getSystemErrorName(status) === "ENOTCONN")) this.finished();
    else this.#check(status, "shutdown");
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#handle.close(onClosed);
    const server = this.#server;
    if (server === null) return;
    server._connections--;
    server._emitCloseIfDrained();
  }

  /** @internal `count` bytes are in the buffer, or it is a negative error number. */
  wasRead(count: number): void {
    if (this.#destroyed) return;
    if (count > 0) this.#owner.receive(viewOf(count), true);
    else if (count === access.endOfStream) {
      this.readableEnded = true;
      this.#owner.endOfInput();
      this.#closeWhenDone();
    } else this.#check(count, "read");
  }

  /** @internal A write that had to wait has come to its end. */
  wasWritten(length: number, status: number): void {
    if (this.#destroyed) return;
    if (status < 0) {
      this.#check(status, "write");
      return;
    }
    this.writableLength -= length;
    if (this.writableLength === 0) this.#owner.drained();
  }

  /** @internal */
  finished(): void {
    this.#finished = true;
    this.#closeWhenDone();
  }

  /** @internal */
  wasClosed(): void {
    this.closed = true;
    if (this.#error !== undefined) this.#owner.socketFailed(this.#error);
    this.#owner.socketClosed();
  }

  /** @internal Destroys it; the owner hears of the error when it is closed. */
  fail(error: Error): void {
    if (this.#destroyed) return;
    this.#error = error;
    this.destroy();
  }

  /** `kept` must neither change nor be freed before all of it was written. */
  #written(status: number, kept: Uint8Array | Uint8Array[], length: number): void {
    const { streamBaseState, kLastWriteWasAsync } = access;
    if (status === 0 && streamBaseState[kLastWriteWasAsync] === 0) return;
    this.writableLength += length;
    const request = spareRequest!;
    spareRequest = undefined;
    if (status !== 0) {
      this.#check(status, "write");
      return;
    }
    request.channel = this;
    request.kept = kept;
    request.length = length;
  }

  #check(status: number, call: string): void {
    if (status < 0) this.fail(describe(status, call));
  }

  #closeWhenDone(): void {
    if (this.readableEnded && this.#finished) this.destroy();
  }
}

interface OwnedWrite extends WriteRequest {
  channel: DirectChannel | undefined;
  kept: Uint8Array | Uint8Array[] | undefined;
  length: number;
}

interface OwnedShutdown extends ShutdownRequest {
  channel?: DirectChannel;
}

function createRequest(): OwnedWrite {
  const own = { channel: undefined, kept: undefined, length: 0 };
  return Object.assign(new access.WriteWrap(), own, { oncomplete: onWritten });
}

function onRead(this: StreamHandle): undefined {
  const { streamBaseState, kReadBytesOrError } = access;
  channelOf(this).wasRead(streamBaseState[kReadBytesOrError]!);
}

function onWritten(this: WriteRequest, status: number): void {
  const { channel, length } = this as OwnedWrite;
  channel!.wasWritten(length, status);
}

function onShutdown(this: ShutdownRequest): void {
  (this as OwnedShutdown).channel!.finished();
}

function onClosed(this: StreamHandle): void {
  channelOf(this).wasClosed();
}

function channelOf(handle: StreamHandle): DirectChannel {
  return (handle as OwnedHandle)[access.owner] as DirectChannel;
}

function viewOf(count: number): Uint8Array {
  if (readView.length !== count)
    readView = Buffer.from(readBuffer.buffer, readBuffer.byteOffset, count);
  return readView;
}

/** Of a `net.Socket` whose place was taken. */
function destroyLeft(
  this: SocketInternals,
  error: Error | null,
  done: (error: Error | null) => void,
): void {
  const channel = this[kChannel]!;
  if (error === null) channel.destroy();
  else channel.fail(error);
  done(error);
  process.nextTick(() => (this as unknown as NetSocket).emit("close", error !== null));
}

/** An error as Node makes it: "read ECONNRESET". */
function describe(status: number, call: string): Error {
  const code = getSystemErrorName(status);
  return Object.assign(new Error(`${call} ${code}`), { errno: status, code, syscall: call });
}
