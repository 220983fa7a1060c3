/** Whom a connection tells what happens on it. */
import type { Fault } from "../faults.js";
import type { CloseInfo } from "../frames/close-payload.js";

/** What a connection reports upward, in the order of the wire, while one of its methods runs. */
export interface ConnectionListener {
  /** A whole message. Bytes belong to the listener from now on. */
  onMessage(data: string | Uint8Array, isBinary: boolean): void;
  /** See `MessageConsumer.onPiece`. Only where `streamed` was set. */
  onPiece(piece: Uint8Array, isBinary: boolean, first: boolean, last: boolean): void;
  /** A ping, which has been answered; `bytes[start..end)` is valid only during the call. */
  onPing(bytes: Uint8Array, start: number, end: number): void;
  /** A pong; `bytes[start..end)` is valid only during the call. */
  onPong(bytes: Uint8Array, start: number, end: number): void;
  /** The peer's Close frame, which has been answered. */
  onClose(info: CloseInfo): void;
  /** The connection failed; the Close frame that says so is queued. */
  onFault(fault: Fault): void;
  /** Output appeared, or the reader was released, other than during a call of the owner. */
  onReady(): void;
}
