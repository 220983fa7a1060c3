export {
  type Contract,
  type DataArguments,
  defineContract,
  type EventName,
  type ReceivedData,
  type ReceivedItem,
  type ReceivedReply,
  type RequestName,
  type Schema,
  type SentData,
  type SentItem,
  type SentReply,
  type StreamName,
  type Untyped,
} from "@tidewire/session-protocol";
export type { Backplane, BackplaneNode, BackplaneReceiver } from "./backplane/backplane.js";
export { MemoryBackplane } from "./backplane/memory-backplane.js";
export type { DrainOptions } from "./drain.js";
export type { CallContext, HandleOptions, RequestInfo } from "./events/handlers.js";
export type { Middleware } from "./events/middleware.js";
export { FailureError, RefusedError } from "./failure.js";
export type { Page, Position, Retention } from "./history/position.js";
export { Hub, type HubOptions } from "./hub.js";
export { defaultHubLimits, defaultRetention, type HubLimits } from "./limits.js";
export type { Counter, HubStats, Metrics } from "./metrics.js";
export type { Peer, Replayed, RequestOptions } from "./peers/peer.js";
export type { SlowPolicy } from "./peers/peer-session.js";
export type { Refusal } from "./peers/surroundings.js";
export type { Platform } from "./platform.js";
export type { Action, Audience, Done, Found as FoundPeers } from "./rooms/audience.js";
export type { MemberInfo } from "./rooms/member.js";
export { type PresenceChange, type PresentMember, presenceEvent } from "./rooms/presence.js";
export type { PastEvent, RoomHandle } from "./rooms/room-handle.js";
export type { RoomReplies } from "./rooms/room-request.js";
export type { RoomOptions } from "./rooms/room-state.js";
export type {
  Admission,
  Found,
  GatePolicy,
  LinkFacts,
  OriginFacts,
  TransportName,
} from "./sessions/admission.js";
export type { Authenticate, ConnectContext, Handshake, Identity } from "./sessions/handshake.js";
export type { DownloadOptions } from "./streams/download.js";
export type { HubStream } from "./streams/hub-stream.js";
export type { FileClaim, Sha256, Sink, Upload, UploadOptions } from "./streams/upload.js";
export type { ConnectionFacts, HubRequest } from "./transports/exchange.js";
export { createFetchHandler, type FetchHandler } from "./transports/fetch-handler.js";
export type { TransportOptions } from "./transports/http-transports.js";
export { defaultTransportLimits, type TransportLimits } from "./transports/limits.js";
