export {
  type Contract,
  DataError,
  defineContract,
  type InvalidData,
  type PresenceChange,
  type PresentMember,
  type Schema,
  type Untyped,
} from "@tidewire/session-protocol";
export type { RequestInfo, RequestOptions } from "./calls.js";
export { Client, connect, type EmitArguments } from "./client.js";
export { ClientError } from "./client-error.js";
export type { ClientEvents, ClientState, LinkedInfo } from "./client-events.js";
export type { ClientOptions, EmitOptions, VolatileOptions } from "./client-options.js";
export { ClientStream } from "./client-stream.js";
export { Download, type DownloadOptions } from "./download.js";
export type { Failure, FailureReason } from "./failure.js";
export type { EventInfo } from "./inbox.js";
export type { Unsubscribe } from "./listeners.js";
export type { LostMessage, OutboxLimits } from "./outbox.js";
export type {
  Platform,
  Signal,
  SocketConstructor,
  SocketLike,
  StorageLike,
} from "./platform.js";
export type { Position } from "./positions.js";
export { sha256 } from "./sha256.js";
export type { TokenProvider } from "./token-source.js";
export type { FileInfo, Progress, Transfer, TransferOptions } from "./transfer.js";
export type { TransportName } from "./transports/carrier.js";
export { transportNames } from "./transports/sources.js";
export { Upload, type UploadOptions, type UploadSource } from "./upload.js";
