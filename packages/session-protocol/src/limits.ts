// Everything in the protocol that can grow, with its bound and the reason for it.

/** What a server tells in `welcome.limits` (PROTOCOL.md §9). A client whose own budget is smaller keeps to that. */
export interface Limits {
  /**
   * Bytes of one message on the wire. Default 1 MiB: room for any chat or game message and for file
   * chunks; a hundred of them in memory still fit.
   */
  readonly messageBytes: number;
  /** Bytes of a POST's body. Default `messageBytes` and 1 KiB, so that the largest message fits into one. */
  readonly batchBytes: number;
  /**
   * Packets in a POST's body. Default 512: each costs a parse; so many small ones are a burst of typing,
   * 100,000 are an attack.
   */
  readonly batchPackets: number;
  /** Bytes that a log retains. Default 4 MiB: four of the largest messages, or two minutes of 32 KiB/s. */
  readonly logBytes: number;
  /** Entries that a log retains. Default 16,384. */
  readonly logEntries: number;
  /**
   * How long a session lives without a link, in ms. Default two minutes: long enough for a lift, a tunnel
   * or a reload; short enough that ghosts leave a room.
   */
  readonly sessionMs: number;
  /** Silence after which a link is asked, in ms. Default 25 s: below the 30 s of the strictest proxies. */
  readonly heartbeatMs: number;
  /**
   * Entries after which an acknowledgement is sent. Default 64: an ack is about 25 bytes, and is lost in
   * their noise.
   */
  readonly ackEntries: number;
  /** The longest that an entry waits for its acknowledgement, in ms. Default 1,000. */
  readonly ackMs: number;
  /** Requests of one side that wait for an answer. Default 256. */
  readonly requests: number;
  /** Open streams begun by one side. Default 64. */
  readonly streams: number;
  /**
   * Credit under way in one direction of a stream, in items. Default 64: with items of 64 KiB 4 MiB under
   * way, which fills 300 Mbit/s at 100 ms.
   */
  readonly streamItems: number;
  /** How long a poll is held when there is nothing to say, in ms. Default 25 s, as `heartbeatMs`. */
  readonly pollMs: number;
}

/** What a POST body needs besides its largest entry (§9): a `batch` packet, and frames. */
export const batchHeadBytes = 1_024;

/** The defaults of §9; their reasons are at `Limits`. */
export const defaultLimits: Limits = {
  messageBytes: 1_048_576,
  batchBytes: 1_048_576 + batchHeadBytes,
  batchPackets: 512,
  logBytes: 4_194_304,
  logEntries: 16_384,
  sessionMs: 120_000,
  heartbeatMs: 25_000,
  ackEntries: 64,
  ackMs: 1_000,
  requests: 256,
  streams: 64,
  streamItems: 64,
  pollMs: 25_000,
};

/** Levels of nesting in a packet (§3.6). Deeper data is a mistake or an attack on recursion. */
export const depthMax = 64;
/** Byte blocks in one binary packet (§3.4); each costs an object. */
export const blocksMax = 256;
/** Characters of a name (§4.1): event, request, stream, room. It is a key in maps and in logs. */
export const nameMax = 128;
/** Names that `quickJsonCodec` remembers: more than a contract has, and at most 100 KB. */
export const headNamesMax = 256;
/** Characters of a code (§4.1). */
export const codeMax = 64;
/** Characters of a text meant for people (§4.1). */
export const textMax = 1_024;
/** Characters of a token (§4.2); the largest JSON Web Tokens in the field are about 8 KiB. */
export const tokenMax = 16_384;
/** Characters of an id or a secret (§4.2): 22 are 128 bits in base64url. */
export const idMin = 22;
export const idMax = 128;
/** Versions that a `bye` may list (§4.2). */
export const versionsMax = 16;

/** Patience after a ping, in milliseconds (§7.2): floor, ceiling, and before the first sample. */
export const patienceFloorMs = 3_000;
export const patienceCeilingMs = 20_000;
export const patienceFirstMs = 10_000;
/** A step of the clock this far past the next deadline is a leap, not silence (§7.3). */
export const leapMs = 5_000;
/** What a session without a link is granted after a leap: nobody could link meanwhile (§7.3). */
export const graceMs = 10_000;
