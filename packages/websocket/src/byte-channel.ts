/**
 * What a wire needs from below. Names and meanings are those of `net.Socket`, which is such a channel
 * as it is, so that the usual way costs nothing; the other one is a `DirectChannel`.
 */
export interface ByteChannel {
  /** Undefined for a local socket. */
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  /** The peer has ended its side, and all that came before was delivered. */
  readonly readableEnded: boolean;
  /** Everything is over, and the owner has been told. */
  readonly closed: boolean;
  /** Bytes that were given and that the kernel has not taken. */
  readonly writableLength: number;
  /** Write no more until drained. */
  readonly writableNeedDrain: boolean;

  /** The bytes stay as they are until they were written. */
  write(bytes: Uint8Array): unknown;
  /** Collects what is written until `uncork`, which gives it to the kernel in one call. */
  cork(): void;
  uncork(): void;
  /** Ends our side behind what was written. */
  end(): unknown;
  /** Ends both sides at once; what waits is lost. */
  destroy(): unknown;
  pause(): unknown;
  resume(): unknown;
  /** Has the kernel probe a silent peer, first after `initialDelayMs`. */
  setKeepAlive(enable: boolean, initialDelayMs: number): unknown;
}

/** Whom a channel tells what happens: listeners of a `net.Socket` do, a `DirectChannel` by itself. */
export interface ChannelOwner {
  /** @param lent whether the memory of `chunk` is the channel's again afterwards. */
  receive(chunk: Uint8Array, lent: boolean): void;
  /** The peer has ended its side. */
  endOfInput(): void;
  /** Everything that was written has reached the kernel, after it had not. */
  drained(): void;
  /** The channel broke; `socketClosed` follows. */
  socketFailed(error: Error): void;
  /** The last call. */
  socketClosed(): void;
}
