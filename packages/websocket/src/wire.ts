/**
 * Moves bytes between a Node socket and a protocol connection: reads are parsed as they come, and
 * what they cause to be sent leaves in one write at their end; writes from elsewhere are collected
 * until the turn is over.
 *
 * The wire is the listener of its own connection and the target of five functions shared by all
 * sockets, so that an open connection costs no closure.
 */
import type { Socket as NetSocket } from "node:net";
import {
  type CloseInfo,
  Connection,
  type ConnectionListener,
  type ConnectionOptions,
  type Fault,
  type PreparedMessage,
} from "@tidewire/ws-protocol";
import { Backlog } from "./backlog.js";
import type { ByteChannel, ChannelOwner } from "./byte-channel.js";
import { createDeferred, quiet } from "./deferred.js";
import { DirectChannel, goUnder } from "./direct/direct-channel.js";
import { type Flushable, flushLater } from "./flush-queue.js";
import { Incidents } from "./incidents.js";
import { arena } from "./node-platform.js";
import { ConnectionClosedError, SendQueueFullError } from "./socket-errors.js";
import { NOWHERE, nextTickTime, startTicking, stopTicking, type Ticking } from "./ticker.js";

/** What a wire needs to know beyond what the protocol does. */
export interface WireOptions extends ConnectionOptions {
  readonly sendQueueBytesMax: number;
  readonly sendQueuePolicy: "terminate" | "reject";
  /** Whether to go under the `net.Socket` where that can be done. */
  readonly directIo: boolean;
}

/** The kernel is asked to take what is waiting, even in mid-turn, from this many bytes on. */
const FLUSH_FROM_BYTES = 64 * 1024;
/** Several segments below this many bytes together are joined, which is cheaper than `writev`. */
const JOIN_BYTES_MAX = 16 * 1024;
/** Silence after which the kernel probes a peer that we do not read from. */
const KERNEL_KEEPALIVE_MS = 60_000;
/** `send` asks its caller to wait while more than this many bytes wait for the socket. */
const ROOM_BYTES = 64 * 1024;

const kWire = Symbol("tidewire.wire");
type WiredSocket = NetSocket & { [kWire]?: Wire };

export abstract class Wire implements ChannelOwner, ConnectionListener, Flushable, Ticking {
  /** The protocol state; undefined before the opening handshake has ended. */
  protected connection: Connection | undefined;
  /** What carries the bytes: a `net.Socket`, or what lies under it. */
  protected channel: ByteChannel | undefined;
  /** @internal Undefined while there was nothing of the kind. */
  protected incidents: Incidents | undefined;
  /** @internal */
  tickIndex: number = NOWHERE;

  #options: WireOptions | undefined;
  #reading = false;
  #flushScheduled = false;
  #readPaused = false;
  /** Headers among all bytes that have reached the kernel, as far as is known. */
  #framingBase = 0;
  /** Headers among all bytes that were given to the socket. */
  #framingGiven = 0;

  /** Called once, when everything is over. */
  protected abstract onClosed(info: CloseInfo & { readonly wasClean: boolean }): void;
  /** The Node socket broke. */
  protected abstract onSocketError(error: Error): void;

  abstract onMessage(data: string | Uint8Array, isBinary: boolean): void;
  abstract onPiece(piece: Uint8Array, isBinary: boolean, first: boolean, last: boolean): void;
  abstract onPing(bytes: Uint8Array, start: number, end: number): void;
  abstract onPong(bytes: Uint8Array, start: number, end: number): void;
  abstract onClose(info: CloseInfo): void;
  abstract onFault(fault: Fault): void;

  /** Takes over a socket on which the opening handshake has succeeded. */
  protected attach(netSocket: NetSocket, options: WireOptions): void {
    this.channel = netSocket;
    this.#options = options;
    this.connection = new Connection(options, this, performance.now());
    (netSocket as WiredSocket)[kWire] = this;
    netSocket.setTimeout(0);
    netSocket.setNoDelay(true);
    netSocket.on("error", onError);
    netSocket.on("close", onClose);
    startTicking(this);
  }

  /**
   * Begins to read from the socket that was attached; `head` is what arrived behind the opening
   * handshake.
   */
  protected start(head: Uint8Array): void {
    const netSocket = this.channel as NetSocket;
    if (this.incidents?.closed || netSocket.destroyed) return;
    const direct = this.#options!.directIo ? goUnder(netSocket, this) : undefined;
    if (direct === undefined) {
      netSocket.on("data", onData);
      dropIdleEnd(netSocket);
      netSocket.on("end", onEnd);
    } else {
      this.channel = direct;
      netSocket.off("error", onError);
      netSocket.off("close", onClose);
      netSocket.off("drain", onDrain);
      if (this.#readPaused) direct.pause();
      if (this.connection!.blocked) this.drained();
    }
    if (head.length > 0) this.receive(head);
    // The other side may have ended while the handshake was judged, before anyone listened.
    if (this.channel!.readableEnded) this.endOfInput();
  }

  // ——— reading ———

  /** @internal */
  receive(chunk: Uint8Array, lent = false): void {
    this.#reading = true;
    this.connection!.receive(chunk, nextTickTime(), lent);
    this.#reading = false;
    this.flush();
    this.#followHold();
  }

  /** @internal */
  endOfInput(): void {
    // What arrived before the end is delivered first.
    if (this.connection!.pending) return;
    this.connection!.end(performance.now());
    this.flush();
  }

  /** The stream ended while something waited to be delivered, which has been done now. */
  #followEnd(): void {
    const { channel } = this;
    if (channel === undefined || !channel.readableEnded || this.incidents?.closed) return;
    if (channel.closed) this.socketClosed();
    else this.endOfInput();
  }

  /** Stops reading after the message at hand: the peer will notice through backpressure. */
  pause(): void {
    this.connection?.pause();
    this.#followHold();
  }

  resume(): void {
    const { connection } = this;
    if (connection === undefined) return;
    const nested = this.#reading;
    this.#reading = true;
    connection.resume(performance.now());
    this.#reading = nested;
    if (nested) return;
    this.flush();
    this.#followHold();
    this.#followEnd();
  }

  /** The connection has something to write, or goes on reading, of its own accord. */
  onReady(): void {
    this.flush();
    this.#followHold();
    this.#followEnd();
    if (this.incidents?.room !== undefined && this.queuedBytes <= ROOM_BYTES) this.#giveRoom();
  }

  #followHold(): void {
    const { connection, channel } = this;
    if (connection === undefined || channel === undefined) return;
    // A closed connection reads on, to see the end of the stream.
    const hold = connection.held && connection.state !== "closed";
    if (hold === this.#readPaused) return;
    this.#readPaused = hold;
    if (hold) {
      channel.pause();
      // Who does not read sees no pong: only the kernel can notice that the peer is gone.
      const incidents = this.takeIncidents();
      if (!incidents.hasKernelKeepalive) channel.setKeepAlive(true, KERNEL_KEEPALIVE_MS);
      incidents.hasKernelKeepalive = true;
    } else channel.resume();
  }

  // ——— writing ———

  /** Call it after each message was given to the connection. */
  protected afterSend(): Promise<void> | undefined {
    const connection = this.connection!;
    if (connection.queuedBytes >= FLUSH_FROM_BYTES) this.flush();
    else {
      this.#scheduleFlush();
      if (!connection.blocked) return undefined;
    }
    return this.congested && this.queuedBytes > ROOM_BYTES ? this.#waitForRoom() : undefined;
  }

  /** Whether what is sent now waits: for the socket, or for a message that is being compressed. */
  protected get congested(): boolean {
    const connection = this.connection!;
    return connection.blocked || connection.queuedBytes > ROOM_BYTES;
  }

  /** What the wire was attached with. */
  protected get options(): WireOptions | undefined {
    return this.#options;
  }

  /** Whether the queue is over its bound, so that the policy applies instead of a further send. */
  protected get sendQueueFull(): boolean {
    return this.sendQueueBytes > this.#options!.sendQueueBytesMax;
  }

  /** What becomes of a message that finds the queue full: see `sendQueuePolicy`. */
  protected refuseSend(): Error {
    const { sendQueueBytesMax, sendQueuePolicy } = this.#options!;
    const error = new SendQueueFullError(this.sendQueueBytes, sendQueueBytesMax);
    if (sendQueuePolicy === "terminate") {
      this.onSocketError(error);
      this.terminate();
    }
    return error;
  }

  /**
   * Sends a message that the server's `prepare` framed once for many sockets.
   * Returns false if it was refused: the socket is not open, or its send queue is full.
   */
  sendPrepared(message: PreparedMessage): boolean {
    const { connection } = this;
    if (connection === undefined || connection.state !== "open") return false;
    if (this.congested && this.sendQueueFull) {
      this.refuseSend();
      return false;
    }
    connection.sendPrepared(message);
    // Nobody waits for room here, so nothing is made to wait with.
    if (connection.queuedBytes >= FLUSH_FROM_BYTES) this.flush();
    else this.#scheduleFlush();
    return true;
  }

  /** What the bound of the send queue is compared with. */
  protected get sendQueueBytes(): number {
    return this.queuedBytes;
  }

  /** All bytes that have not reached the kernel, framing included. */
  protected get queuedBytes(): number {
    return (
      (this.connection?.queuedBytes ?? 0) +
      (this.incidents?.backlog?.byteLength ?? 0) +
      (this.channel?.writableLength ?? 0)
    );
  }

  /** Whether the connection is open and has all that waits: the socket took what it was given. */
  protected get holdsAll(): boolean {
    const { connection } = this;
    if (connection === undefined || connection.blocked || connection.state !== "open") return false;
    return this.#framingBase === this.#framingGiven;
  }

  /** `queuedBytes` without the headers of frames. */
  protected get queuedPayloadBytes(): number {
    if (this.incidents?.closed) return this.incidents.unsentBytes;
    const queued = this.queuedBytes;
    if (queued === 0) return 0;
    this.#followSocket();
    return Math.max(0, queued - (this.connection!.framingBytes - this.#framingBase));
  }

  /** Resolves when less than the high-water mark waits; rejects when the connection ends first. */
  #waitForRoom(): Promise<void> {
    const incidents = this.takeIncidents();
    if (incidents.room === undefined) {
      incidents.room = createDeferred();
      quiet(incidents.room.promise);
    }
    return incidents.room.promise;
  }

  #giveRoom(): void {
    const { incidents } = this;
    if (incidents === undefined) return;
    incidents.room?.resolve();
    incidents.room = undefined;
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled || this.#reading) return;
    this.#flushScheduled = true;
    flushLater(this);
  }

  /** Hands everything that waits to the socket, or to the backlog while the socket is full. */
  flush(): void {
    this.#flushScheduled = false;
    const { connection, channel } = this;
    if (connection === undefined || channel === undefined || this.incidents?.closed) return;
    const output = connection.takeOutput();
    if (output !== undefined) {
      if (connection.blocked) this.#keep(output);
      else this.#write(output);
    }
    if (connection.shouldEnd || connection.shouldDestroy) this.#finish();
  }

  /** What is sent from now on waits for `releaseOutput`. */
  protected holdOutput(): void {
    this.connection!.blocked = true;
  }

  /** Writes `first`, and in the same system call behind it what has waited. */
  protected releaseOutput(first: string): void {
    const netSocket = this.channel as NetSocket;
    this.connection!.blocked = false;
    if (netSocket.destroyed) return;
    if (this.queuedBytes === 0) {
      netSocket.write(first, "latin1");
      return;
    }
    netSocket.cork();
    netSocket.write(first, "latin1");
    if (this.incidents?.backlog === undefined) this.flush();
    else this.drained();
    netSocket.uncork();
  }

  #write(output: Uint8Array | Uint8Array[]): void {
    const channel = this.channel!;
    this.#followSocket();
    this.#framingGiven = this.connection!.framingBytes;
    if (Array.isArray(output)) this.#writeMany(output);
    else channel.write(output);
    // What `write` returns tells whether much was given to it, not whether the kernel took it.
    if (channel.writableLength === 0) {
      arena.recycle();
      this.#framingBase = this.#framingGiven;
      return;
    }
    arena.pin();
    if (channel.writableNeedDrain) {
      this.connection!.blocked = true;
      // A direct channel tells it without being asked.
      if (!(channel instanceof DirectChannel)) (channel as NetSocket).once("drain", onDrain);
    }
  }

  /** Where writes take time, as with TLS, nothing else tells that what was given has left. */
  #followSocket(): void {
    if (this.#framingBase === this.#framingGiven) return;
    if (this.channel!.writableLength === 0) this.#framingBase = this.#framingGiven;
  }

  #writeMany(chunks: Uint8Array[]): void {
    const channel = this.channel!;
    let total = 0;
    for (const chunk of chunks) total += chunk.length;
    if (total <= JOIN_BYTES_MAX) {
      channel.write(Buffer.concat(chunks, total));
      return;
    }
    channel.cork();
    for (const chunk of chunks) channel.write(chunk);
    channel.uncork();
  }

  #keep(output: Uint8Array | Uint8Array[]): void {
    const incidents = this.takeIncidents();
    incidents.backlog ??= new Backlog();
    const { backlog } = incidents;
    // A large chunk is kept where it lies, which may be in the arena.
    arena.pin();
    if (!Array.isArray(output)) backlog.push(output);
    else for (const chunk of output) backlog.push(chunk);
  }

  /** @internal The socket takes bytes again. */
  drained(): void {
    const { connection, channel, incidents } = this;
    if (connection === undefined || channel === undefined || incidents?.closed) return;
    connection.progressed(performance.now());
    connection.blocked = false;
    const backlog = incidents?.backlog;
    if (backlog !== undefined && backlog.byteLength > 0) this.#write(backlog.take());
    if (connection.blocked) return;
    if (incidents !== undefined) incidents.backlog = undefined;
    this.flush();
    if (!connection.blocked || this.queuedBytes <= ROOM_BYTES) {
      this.#giveRoom();
    }
    if (!connection.blocked) this.onDrain();
  }

  /** The queue is empty after it was not. */
  protected abstract onDrain(): void;

  // ——— the end ———

  /** @internal */
  get nextTickAt(): number {
    return this.connection?.nextTickAt ?? Number.POSITIVE_INFINITY;
  }

  /** @internal */
  tick(now: number): void {
    this.connection!.tick(now);
    this.flush();
  }

  /** Ends the connection at once, without a closing handshake; what waits to be sent is lost. */
  terminate(): void {
    this.#destroy();
  }

  #finish(): void {
    if (this.connection!.shouldDestroy) {
      this.#destroy();
      return;
    }
    this.#followHold();
    // What waits in the backlog goes first; `drained` comes back here.
    const incidents = this.takeIncidents();
    if (incidents.ended || (incidents.backlog?.byteLength ?? 0) > 0) return;
    incidents.ended = true;
    this.channel!.end();
  }

  #destroy(): void {
    const { connection, channel } = this;
    if (connection === undefined || channel === undefined) return;
    // The socket forgets how much it had to write.
    this.takeIncidents().unsentBytes = this.queuedPayloadBytes;
    // From now on nothing is delivered, and nothing more accepted to be sent.
    connection.end(performance.now());
    // Its `close` was waiting for what will not be delivered now.
    if (channel.closed) process.nextTick(() => this.socketClosed());
    else channel.destroy();
  }

  /** @internal */
  socketClosed(): void {
    const incidents = this.takeIncidents();
    if (incidents.closed) return;
    const connection = this.connection!;
    // Closed in order, with something still to be delivered: `resume` comes back here.
    incidents.unsentBytes = Math.max(incidents.unsentBytes, this.queuedPayloadBytes);
    if (connection.pending && this.channel!.readableEnded) {
      this.#loseOutput();
      return;
    }
    incidents.closed = true;
    stopTicking(this);
    connection.end(performance.now());
    this.#loseOutput();
    this.onClosed(connection.closeInfo);
  }

  /** Whatever was not written is lost with the socket, and nobody need wait for it. */
  #loseOutput(): void {
    const connection = this.connection!;
    connection.takeOutput();
    connection.blocked = false;
    const incidents = this.takeIncidents();
    incidents.backlog = undefined;
    const { code, reason } = connection.closeInfo;
    incidents.room?.reject(new ConnectionClosedError(code, reason));
    incidents.room = undefined;
  }

  /** @internal */
  protected takeIncidents(): Incidents {
    this.incidents ??= new Incidents();
    return this.incidents;
  }

  /** @internal */
  socketFailed(error: Error): void {
    this.onSocketError(error);
  }
}

/**
 * A second listener takes a list for both; Node's own, alone there, does nothing on a socket that may be
 * half open. `removeAllListeners` would make a dictionary of the others, which takes far more.
 */
function dropIdleEnd(netSocket: NetSocket): void {
  if (!netSocket.allowHalfOpen || netSocket.listenerCount("end") !== 1) return;
  const [nodes] = netSocket.listeners("end");
  netSocket.off("end", nodes as () => void);
}

function onData(this: WiredSocket, chunk: Uint8Array): void {
  this[kWire]!.receive(chunk);
}

function onEnd(this: WiredSocket): void {
  this[kWire]!.endOfInput();
}

function onDrain(this: WiredSocket): void {
  this[kWire]!.drained();
}

function onError(this: WiredSocket, error: Error): void {
  this[kWire]!.socketFailed(error);
}

function onClose(this: WiredSocket): void {
  this[kWire]!.socketClosed();
}
