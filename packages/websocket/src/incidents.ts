/**
 * What a socket has to remember only when something happens to it that does not happen to most: a peer
 * that reads slowly, a reader who takes messages otherwise than by handlers, the end. Made when the
 * first of it does, so that ten thousand idle sockets have one field for it all.
 */
import type { Backlog } from "./backlog.js";
import type { Deferred } from "./deferred.js";
import type { MessageStreams } from "./incoming-message.js";
import type { MessageInbox } from "./message-inbox.js";
import type { PieceSender } from "./piece-sender.js";
import type { Closure } from "./socket-handlers.js";

export class Incidents {
  // The wire's: the peer is slow, or the connection ends.
  backlog: Backlog | undefined;
  /** Whoever waits until the queue has room. */
  room: Deferred<void> | undefined;
  hasKernelKeepalive = false;
  /** Our side of the channel was ended. */
  ended = false;
  /** The channel is gone, and the owner has been told. */
  closed = false;
  /** Bytes of messages that were lost with the channel. */
  unsentBytes = 0;

  // The receiving half's.
  inboxes: MessageInbox[] | undefined;
  streams: MessageStreams | undefined;
  streamed = false;
  paused = false;

  // The sending half's.
  sender: PieceSender | undefined;
  /** The type of the message that is being sent with `sendFragment`. */
  fragmentType: "text" | "binary" = "binary";
  closeTimer: NodeJS.Timeout | undefined;
  /** Bytes of what was sent too late. */
  discardedBytes = 0;

  // The socket's.
  binaryType: "blob" | "arraybuffer" | "uint8array" | undefined;
  /** Whether `close` was called. */
  closing = false;
  /** How it ended, once it has. */
  closure: Closure | undefined;
  /** Why it failed, if it did. */
  error: Error | undefined;
  closedLater: Deferred<Closure> | undefined;
}
