// Everything in the protocol that can grow, with its bound and the reason for it.

/** What a server tells in `welcome.limits` (PROTOCOL.md §9). Bytes, entries, milliseconds, items. */
export interface Limits {
  readonly messageBytes: number;
  readonly batchBytes: number;
  readonly batchPackets: number;
  readonly logBytes: number;
  readonly logEntries: number;
  readonly sessionMs: number;
  readonly heartbeatMs: number;
  readonly ackEntries: number;
  readonly ackMs: number;
  readonly requests: number;
  readonly streams: number;
  readonly streamItems: number;
  readonly pollMs: number;
}

/** What a POST body needs besides its largest entry (§9): a `batch` packet, and frames. */
export const batchHeadBytes = 1_024;

/** The defaults of §9. */
export const defaultLimits: Limits = {
  // Room for any chat or game message and for file chunks; a hundred of them in memory still fit.
  messageBytes: 1_048_576,
  // So that the largest message fits into a POST.
  batchBytes: 1_048_576 + batchHeadBytes,
  // Each packet costs a parse; 512 small ones are a burst of typing, 100,000 are an attack.
  batchPackets: 512,
  // Four of the largest messages, or two minutes of 32 KiB/s.
  logBytes: 4_194_304,
  logEntries: 16_384,
  // Long enough for a lift, a tunnel or a reload; short enough that ghosts leave a room.
  sessionMs: 120_000,
  // Below the 30 s idle limit of the strictest proxies in common use.
  heartbeatMs: 25_000,
  // An ack is about 25 bytes: at 64 entries it is lost in the noise.
  ackEntries: 64,
  ackMs: 1_000,
  requests: 256,
  streams: 64,
  // With 64 KiB items: 4 MiB under way, which fills 300 Mbit/s at 100 ms.
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
