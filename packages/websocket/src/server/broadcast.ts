/** One message for many sockets: framed once, compressed at most once, the same bytes for all. */
import { type PreparedMessage, prepareForTurn, prepareMessage } from "@tidewire/ws-protocol";
import { arena, nodePlatform } from "../node-platform.js";
import { bytesOf, type ReadySendData } from "../send-data.js";
import type { ServerDeflate } from "./server-deflate.js";

export interface BroadcastOptions<S> {
  /** Sockets that do not get it, such as the one it came from. */
  readonly except?: S | ReadonlySet<S> | undefined;
  /** Only sockets for which this is true. */
  readonly filter?: ((socket: S) => boolean) | undefined;
  /**
   * Compress for the sockets that negotiated permessage-deflate, if the message is long enough.
   * Default true. Turn it off for messages that mix a secret with what an attacker can choose.
   */
  readonly compress?: boolean | undefined;
}

/** What became of a broadcast. */
export interface BroadcastReport {
  /** Sockets to which it was sent, or in whose queue it waits. */
  readonly sent: number;
  /** Open sockets whose send queue was full: `sendQueuePolicy` says what became of them. */
  readonly refused: number;
}

/** What a broadcast needs of a socket. */
export interface BroadcastReceiver {
  readonly readyState: number;
  /** @internal What compresses for this socket; undefined if nothing does. */
  readonly deflateForMany: ServerDeflate | undefined;
  /** @internal */
  sendPrepared(message: PreparedMessage): boolean;
}

/** WHATWG WebSockets: readyState. */
const OPEN = 1;

/**
 * Sends one message to all of `sockets` that are open: a room, say. Sockets that are not open are
 * passed over.
 *
 * @param data what `send` takes at once, or what `prepare` of a server made.
 * @throws {TypeError} when `data` is none of the kinds that can be sent.
 */
export function broadcast<S extends BroadcastReceiver>(
  sockets: Iterable<S>,
  data: ReadySendData | PreparedMessage,
  options: BroadcastOptions<S> = {},
): BroadcastReport {
  const { except, filter, compress = true } = options;
  const exceptMany = except instanceof Set ? (except as ReadonlySet<S>) : undefined;
  const framing = new Framing(data, compress);
  let sent = 0;
  let refused = 0;
  // The frame lies in the arena, which a receiver whose queue is flushed meanwhile would recycle.
  arena.hold();
  try {
    for (const socket of sockets) {
      if (socket === except || exceptMany?.has(socket) === true) continue;
      if (socket.readyState !== OPEN) continue;
      if (filter !== undefined && !filter(socket)) continue;
      if (socket.sendPrepared(framing.for(socket))) sent++;
      else refused++;
    }
  } finally {
    arena.release();
  }
  return { sent, refused };
}

/** Frames a message for use at any time. */
export function prepareData(
  data: ReadySendData,
  deflate: ServerDeflate | undefined,
): PreparedMessage {
  const payload = typeof data === "string" ? data : bytesOf(data);
  return prepareMessage(payload, nodePlatform, deflate?.compress(payload));
}

/** The two forms of one broadcast, made when the first receiver needs them. */
class Framing {
  readonly #payload: string | Uint8Array;
  readonly #compress: boolean;
  #plain: PreparedMessage | undefined;
  #compressed: PreparedMessage | undefined;

  constructor(data: ReadySendData | PreparedMessage, compress: boolean) {
    this.#compress = compress;
    if (isPrepared(data)) {
      this.#payload = "";
      this.#plain = compress ? data : { ...data, compressed: undefined };
      this.#compressed = this.#plain;
    } else this.#payload = typeof data === "string" ? data : bytesOf(data);
  }

  for(receiver: BroadcastReceiver): PreparedMessage {
    const deflate = this.#compress ? receiver.deflateForMany : undefined;
    if (deflate === undefined) {
      this.#plain ??= prepareForTurn(this.#payload, nodePlatform, arena);
      return this.#plain;
    }
    this.#compressed ??= this.#frameCompressed(deflate);
    return this.#compressed;
  }

  #frameCompressed(deflate: ServerDeflate): PreparedMessage {
    const deflated = deflate.compress(this.#payload);
    if (deflated !== undefined) return prepareForTurn(this.#payload, nodePlatform, arena, deflated);
    this.#plain ??= prepareForTurn(this.#payload, nodePlatform, arena);
    return this.#plain;
  }
}

function isPrepared(data: ReadySendData | PreparedMessage): data is PreparedMessage {
  return typeof data === "object" && data !== null && "plain" in data;
}
