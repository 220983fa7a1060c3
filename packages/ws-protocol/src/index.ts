export { Arena, type ByteRange } from "./bytes/arena.js";
export { assertTimings } from "./connection/assert-timings.js";
export { Connection } from "./connection/connection.js";
export type { ConnectionListener } from "./connection/connection-listener.js";
export {
  type ConnectionOptions,
  DEFAULT_CLOSE_TIMEOUT_MS,
} from "./connection/connection-options.js";
export {
  DEFAULT_PING_INTERVAL_MS,
  DEFAULT_PONG_DEADLINE_MS,
  type KeepaliveOptions,
} from "./connection/keepalive.js";
export {
  DEFLATE_TAIL,
  type Deflated,
  type DeflateSession,
  isDeflateFault,
  type MessageDeflater,
  type MessageInflater,
  SEND_PLAIN,
} from "./deflate/deflate-port.js";
export {
  type DeflateAgreement,
  DeflateOfferer,
  DeflateResponder,
  PERMESSAGE_DEFLATE,
} from "./deflate/negotiation.js";
export {
  type ClientDeflateConfig,
  canCompress,
  type DeflateParameters,
  type ServerDeflateConfig,
  WINDOW_BITS_MAX,
} from "./deflate/parameters.js";
export { createFault, FAULTS, type Fault, type FaultCode, type FaultRow } from "./faults.js";
export {
  CLOSE_CODES,
  CloseCode,
  type CloseCodeRow,
  isSendableCloseCode,
} from "./frames/close-code.js";
export { type CloseInfo, createClosePayload, readClosePayload } from "./frames/close-payload.js";
export {
  FrameHeaderReader,
  type FrameRules,
  frameHeaderSize,
  HeaderStatus,
  writeFrameHeader,
  writeMaskingKey,
} from "./frames/frame-header.js";
export { isControl, Opcode } from "./frames/opcode.js";
export {
  type AcceptanceOptions,
  acceptRequest,
  formatAcceptance,
} from "./handshake/accept-request.js";
export { acceptValue, type Sha1, type Sha1Base64 } from "./handshake/accept-value.js";
export {
  type ClientRequest,
  type ClientRequestOptions,
  createRequest,
  formatRequest,
} from "./handshake/client-request.js";
export {
  type Extension,
  type ExtensionLimits,
  type ExtensionParameter,
  formatExtensions,
  parseExtensions,
} from "./handshake/extensions.js";
export type { HandshakeFailure } from "./handshake/handshake-failure.js";
export {
  HANDSHAKE_FAULTS,
  type HandshakeFault,
  type HandshakeFaultCode,
  isHandshakeFault,
} from "./handshake/handshake-faults.js";
export {
  DEFAULT_HANDSHAKE_LIMITS,
  type HandshakeLimits,
  resolveHandshakeLimits,
} from "./handshake/handshake-limits.js";
export { type HeaderLine, HeaderLines, type HeaderMap } from "./handshake/header-lines.js";
export { judgeRequest, type OpeningRequest } from "./handshake/judge-request.js";
export { judgeResponse, type OpeningResponse } from "./handshake/judge-response.js";
export type { DecodeLatin1 } from "./handshake/latin1.js";
export {
  formatRefusal,
  type Refusal,
  refuse,
  refuseFault,
  refuseForbidden,
  refuseMisdirected,
  refuseNotFound,
  refuseTooLarge,
  refuseTooManyRequests,
  refuseUnauthorized,
  refuseUnavailable,
  WEBSOCKET_VERSION,
} from "./handshake/refusal.js";
export {
  type RequestHead,
  RequestHeadParser,
  type RequestHeadResult,
} from "./handshake/request-head.js";
export {
  type ResponseHead,
  ResponseHeadParser,
  type ResponseHeadResult,
} from "./handshake/response-head.js";
export { assertSubprotocols, selectSubprotocol } from "./handshake/subprotocols.js";
export {
  CLOSE_REASON_BYTES_MAX,
  CONTROL_BYTES_MAX,
  DEFAULT_CONTROL_REPLIES_MAX,
  DEFAULT_MESSAGE_BYTES_MAX,
  DEFAULT_MESSAGE_PIECES_MAX,
  type Limits,
  resolveLimits,
} from "./limits.js";
export {
  type PreparedDeflate,
  type PreparedMessage,
  prepareForTurn,
  prepareMessage,
} from "./messages/prepared-message.js";
export type { BulkMask, Platform } from "./platform.js";
