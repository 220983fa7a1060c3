export type { Listener, ListenerOptions } from "./event-listeners.js";
export type { IncomingMessage } from "./incoming-message.js";
export type { MessageInbox } from "./message-inbox.js";
export type { NodeStreamOptions } from "./node-stream.js";
export type { PieceSource } from "./piece-sender.js";
export type { SendData } from "./send-data.js";
export {
  type BinaryType,
  type Closure,
  type FragmentOptions,
  ProtocolError,
  type SendOptions,
  Socket,
  type SocketHandlers,
  type StreamOptions,
} from "./socket.js";
export {
  SocketCloseEvent,
  SocketErrorEvent,
  SocketEvent,
  type SocketEventMap,
  SocketMessageEvent,
} from "./socket-events.js";
export type { WebStreams } from "./web-streams.js";
export { ConnectionClosedError, SendQueueFullError } from "./wire.js";
