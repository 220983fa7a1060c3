export {
  type HeaderLine,
  HeaderLines,
  type Limits,
  type PreparedMessage,
  type Refusal,
  refuse,
  refuseForbidden,
  refuseMisdirected,
  refuseNotFound,
  refuseTooLarge,
  refuseTooManyRequests,
  refuseUnauthorized,
  refuseUnavailable,
} from "@tidewire/ws-protocol";
export type {
  ClientDeflateOptions,
  ClientHandlers,
  ClientTlsOptions,
  WebSocketOptions,
} from "./client/client-options.js";
export { connect } from "./client/connect.js";
export { ConnectError, type ConnectErrorCode } from "./client/connect-error.js";
export { WebSocket } from "./client/web-socket.js";
export { DeflateBudget } from "./deflate/deflate-budget.js";
export type { DeflateBudgetOptions, DeflateOptions } from "./deflate/deflate-limits.js";
export type { Listener, ListenerOptions } from "./event-listeners.js";
export type { IncomingMessage } from "./incoming-message.js";
export type { MessageInbox } from "./message-inbox.js";
export type { NodeStreamOptions } from "./node-stream.js";
export type { PieceSource } from "./piece-sender.js";
export { ProtocolError } from "./protocol-error.js";
export type { SendData } from "./send-data.js";
export type { FragmentOptions, SendOptions, StreamOptions } from "./send-options.js";
export { type BroadcastOptions, type BroadcastReport, broadcast } from "./server/broadcast.js";
export { clientOf, type RequestClient } from "./server/client-of.js";
export type { Connections } from "./server/connections.js";
export type { ListenAddress, ListenOptions } from "./server/listen.js";
export type { OriginPolicy } from "./server/origin-check.js";
export type { TrustProxy } from "./server/proxy-trust.js";
export type { ServerDeflateOptions } from "./server/server-deflate.js";
export type {
  Authenticate,
  CloseOptions,
  Refused,
  SubprotocolChoice,
  WebSocketServerOptions,
} from "./server/server-options.js";
export { type ServerHandlers, ServerWebSocket } from "./server/server-web-socket.js";
export type { SocketOpening } from "./server/socket-opening.js";
export type { UpgradeRequest } from "./server/upgrade-request.js";
export { WebSocketServer } from "./server/web-socket-server.js";
export { type BinaryType, Socket } from "./socket.js";
export { ConnectionClosedError, SendQueueFullError } from "./socket-errors.js";
export {
  SocketCloseEvent,
  SocketErrorEvent,
  SocketEvent,
  type SocketEventMap,
  SocketMessageEvent,
} from "./socket-events.js";
export { type Closure, ReadyState, type SocketHandlers } from "./socket-handlers.js";
export type { WebStreams } from "./web-streams.js";
export type { ServerLimits } from "./websocket-limits.js";
