// Everything in the hub that can grow, with its bound and the reason for it.

import { defaultLimits, type Limits, bounds as protocol } from "@tidewire/session-protocol";

/** The bounds of one hub (one node): those told to clients (PROTOCOL.md §9), and its own. */
export interface HubLimits extends Limits {
  /** Longest wait for a hello on a new link (§5.1), ms. */
  readonly helloMs: number;
  /** Links that have not sent a hello yet, of one address and of all. */
  readonly waitingLinksPerAddress: number;
  readonly waitingLinks: number;
  /** Longest that `authenticate` may take, ms. */
  readonly authenticateMs: number;
  /** Sessions on this node. */
  readonly sessions: number;
  /** Hellos of one address: per second, and at once. */
  readonly hellosPerSecond: number;
  readonly hellosBurst: number;
  /** Wrong secrets of one address: per second, and at once. */
  readonly wrongSecretsPerSecond: number;
  readonly wrongSecretsBurst: number;
  /** Addresses whose rates are remembered. */
  readonly addresses: number;
  /** Events, requests and streams that a peer may begin: per second, and at once. */
  readonly eventsPerSecond: number;
  readonly eventsBurst: number;
  /** Bytes of events and requests that a peer may send: per second, and at once. Items of streams
   * wait for credit instead: see `streamBytes`. */
  readonly bytesPerSecond: number;
  readonly bytesBurst: number;
  /** New tokens that a peer may send: per second, and at once. */
  readonly tokensPerSecond: number;
  readonly tokensBurst: number;
  /** What waits for its handler, per peer. */
  readonly inboxEntries: number;
  readonly inboxBytes: number;
  /** Items of a peer's streams that its handlers have not read, in bytes. */
  readonly streamBytes: number;
  /** Handlers of one peer that run beside the queue (`concurrent`). */
  readonly concurrentHandlers: number;
  /** Keys of `latest` that are remembered per peer. */
  readonly latestKeys: number;
  /** Rooms on this node, and rooms that one peer may be in. */
  readonly rooms: number;
  readonly roomsPerPeer: number;
  /** Changes of presence are gathered for this long, ms. */
  readonly presenceMs: number;
  /** People named in one presence event; the others are counted only. */
  readonly presenceEntries: number;
  /** Bytes of the state that a peer shows in a room, as JSON. */
  readonly presenceStateBytes: number;
  /** Default wait for the answer to a request, ms. */
  readonly requestMs: number;
  /** Peers that one room request may ask, in the whole cluster. */
  readonly roomRequestPeers: number;
  /** Longest wait for other nodes' answers to a query, ms. */
  readonly clusterMs: number;
  /** Questions to other nodes under way. */
  readonly clusterQuestions: number;
  /** Events that arrived ahead of a gap, kept until it is healed, per room. */
  readonly aheadEntries: number;
}

export const defaultHubLimits: HubLimits = {
  ...defaultLimits,
  helloMs: 10_000,
  // One office behind one address reconnects after its network failed; a flood of sockets does not fit.
  waitingLinksPerAddress: 256,
  waitingLinks: 10_000,
  // An identity provider across an ocean answers in one; a client's patience is ten (§7.2).
  authenticateMs: 8_000,
  // About 5 KiB each when quiet, without its link (measured on Node 20): 0.5 GiB.
  sessions: 100_000,
  // A hello costs an authentication.
  hellosPerSecond: 50,
  hellosBurst: 500,
  // An honest client never has a wrong one; after a restart it has one old one.
  wrongSecretsPerSecond: 10,
  wrongSecretsBurst: 500,
  addresses: 10_000,
  // A game sends 60 a second, a person typing 10.
  eventsPerSecond: 100,
  eventsBurst: 400,
  // Eight of the largest messages; above it the sender is slowed, not refused.
  bytesPerSecond: 8_388_608,
  bytesBurst: 8_388_608,
  // Each costs an authentication; an honest client sends one an hour.
  tokensPerSecond: 1,
  tokensBurst: 10,
  // What a client may have unacknowledged (§9) fits once; more is a client that ignores its limits.
  inboxEntries: 2_048,
  inboxBytes: defaultLimits.logBytes,
  // Four uploads with a full window of 64 items of 64 KiB.
  streamBytes: 16_777_216,
  concurrentHandlers: 64,
  latestKeys: 256,
  rooms: 100_000,
  roomsPerPeer: 256,
  // Too short to be felt; long enough that a thousand joins are four events, not a million.
  presenceMs: 250,
  presenceEntries: 256,
  presenceStateBytes: 1_024,
  requestMs: 20_000,
  // Each costs an entry in a table and a line in the result.
  roomRequestPeers: 10_000,
  // A node that needs longer for a list from its memory is in trouble.
  clusterMs: 2_000,
  clusterQuestions: 1_024,
  aheadEntries: 1_024,
};

/** Characters of a room's name: it crosses the wire as a `name` (§4.1). */
export const roomNameMax: number = protocol.nameMax;

/** The wheel of deadlines: one slot, and how far ahead it looks, ms. */
export const wheelSlotMs = 25;
/**
 * No deadline of a session that arises unseen is nearer than the floor of the patience (§7.2), so a
 * session is looked at this often at the least.
 */
export const wheelHorizonMs = 3_000;

/** How much of a room's events the backplane keeps, unless the room says otherwise. */
export const defaultRetention: {
  readonly entries: number;
  readonly bytes: number;
  readonly ageMs: number;
} = {
  // What a person scrolls back to before asking for an archive.
  entries: 1_000,
  bytes: 1_048_576,
  // A working day, with a night's sleep.
  ageMs: 24 * 3_600_000,
};

/** Kept logs of the in-memory backplane; the one used longest ago is forgotten first. */
export const memoryLogsMax = 10_000;
/** Messages of one `read` from a log. */
export const readMax = 1_000;
/** Issues of a schema that a failure tells. */
export const issuesMax = 16;

/** Longest wait for an answer, ms: a day. Whoever waits longer wants an event, not a request. */
export const requestMsMax = 86_400_000;

/**
 * The wait for an answer, as the wire has it.
 * @throws {RangeError} unless it is above 0 and at most a day.
 */
export function checkTimeout(timeoutMs: number): number {
  if (timeoutMs > 0 && timeoutMs <= requestMsMax) return Math.ceil(timeoutMs);
  throw new RangeError(
    `timeoutMs is ${timeoutMs}: give more than 0 and at most ${requestMsMax} ms.`,
  );
}

/**
 * The limits in force. Without `batchBytes`, POSTs may be as large as `messageBytes` needs them.
 * @throws {RangeError} naming a limit that does not exist, or is no whole number of at least 1.
 */
export function resolveLimits(given: Partial<HubLimits> = {}): HubLimits {
  const batchBytes = Math.max(
    defaultHubLimits.batchBytes,
    (given.messageBytes ?? 1) + protocol.batchHeadBytes,
  );
  const limits: HubLimits = { ...defaultHubLimits, batchBytes, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(defaultHubLimits, name)) {
      throw new RangeError(`limits.${name} is no limit of a hub: see defaultHubLimits.`);
    }
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`limits.${name} is ${value}: give a whole number of at least 1.`);
    }
  }
  const needed = limits.messageBytes + protocol.batchHeadBytes;
  if (limits.batchBytes < needed) {
    throw new RangeError(
      `limits.batchBytes is ${limits.batchBytes}, and ${needed} are needed: limits.messageBytes ` +
        `(${limits.messageBytes}) and ${protocol.batchHeadBytes} for what a POST says besides.`,
    );
  }
  return limits;
}
