export { decodeBase64, encodeBase64, encodeId, equalSecrets } from "./base64.js";
export { createBinaryCodec, type Utf8 } from "./binary-codec.js";
export { ClientSession } from "./client-session.js";
export * as CloseCode from "./close-code.js";
export { endsSession, reconnects } from "./close-meaning.js";
export type { Codec, Encoded } from "./codec.js";
export {
  type Contract,
  type DataArguments,
  defineContract,
  type EventName,
  type InvalidData,
  type MessageShape,
  type ReceivedData,
  type ReceivedItem,
  type ReceivedReply,
  type RequestName,
  type Schema,
  type SchemaInput,
  type SchemaIssue,
  type SchemaOutput,
  type SchemaResult,
  type SentData,
  type SentItem,
  type SentReply,
  type Side,
  type StreamName,
  type StreamShape,
  type Untyped,
} from "./contract.js";
export { Entry } from "./entry.js";
export { type Fault, type FaultCode, fault, isFault } from "./fault.js";
export { type FrameReader, frame, LengthReader, LineReader, splitBody } from "./framing.js";
export { jsonCodec, utf8Length } from "./json-codec.js";
export * as bounds from "./limits.js";
export { defaultLimits, type Limits } from "./limits.js";
export { Link, type LinkPort } from "./link.js";
export { MessageTooLargeError } from "./message-too-large-error.js";
export type {
  Abort,
  Ack,
  Answer,
  Batch,
  Bye,
  Cancel,
  Credit,
  Data,
  End,
  Event,
  Failure,
  Hello,
  Open,
  Packet,
  Payload,
  Ping,
  Pong,
  Renew,
  Reply,
  Request,
  StreamPacket,
  Token,
  Welcome,
} from "./packet.js";
export { isCounted } from "./packet.js";
export { PendingRequests } from "./pending-requests.js";
export { DataError } from "./plain-data.js";
export { type PresenceChange, type PresentMember, presenceEvent } from "./presence.js";
export {
  createQuickBinaryCodec,
  type QuickBinaryCodec,
  type Utf8Writer,
} from "./quick-binary-codec.js";
export { quickJsonCodec } from "./quick-json-codec.js";
export { isName, readPacket } from "./read-packet.js";
export { ServerLink, ServerSession } from "./server-session.js";
export { Session } from "./session.js";
export type {
  ByeDetails,
  ClientSessionOptions,
  LinkEnd,
  Linked,
  Overflow,
  ServerSessionOptions,
  SessionHandler,
  SessionOptions,
} from "./session-handler.js";
export { type SseEvent, SseReader, sseData, sseId } from "./sse.js";
export { Stream, type StreamHandler, Streams, type StreamsOptions } from "./streams.js";
