export { Arena } from "./bytes/arena.js";
export {
  Connection,
  type ConnectionListener,
  type ConnectionOptions,
  DEFAULT_CLOSE_TIMEOUT_MS,
} from "./connection/connection.js";
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
  CLOSE_REASON_BYTES_MAX,
  CONTROL_BYTES_MAX,
  DEFAULT_CONTROL_REPLIES_MAX,
  DEFAULT_MESSAGE_BYTES_MAX,
  DEFAULT_MESSAGE_PIECES_MAX,
  type Limits,
  resolveLimits,
} from "./limits.js";
export {
  type ByteRange,
  type PreparedDeflate,
  type PreparedMessage,
  prepareForTurn,
  prepareMessage,
} from "./messages/prepared-message.js";
export type { Platform } from "./platform.js";
