// What requests and sockets can make the transports hold or do, with the bounds and their reasons.

/** The bounds of the transports of one hub, beside those of `hub.limits` and of the gate's policy. */
export interface TransportLimits {
  /** Longest that a body may take to arrive, ms. A hello has `gate.helloMs`. */
  readonly bodyMs: number;
  /** Bytes of a body or message that is to be a hello (PROTOCOL.md §12.6). */
  readonly helloBytes: number;
  /** Requests and WebSocket handshakes of one address (IPv6: of one /64): per second, and at once. */
  readonly requestsPerSecond: number;
  readonly requestsBurst: number;
  /** Addresses whose rate is remembered; the one used longest ago is forgotten first. */
  readonly addresses: number;
  /** Bytes that wait in a link before it asks the session to stop: the log is the queue. */
  readonly linkBytes: number;
  /** Bytes and packets of the answer to one poll. */
  readonly pollBytes: number;
  readonly pollPackets: number;
  /** Longest that a response which is over may take to be read to its end, ms. */
  readonly lingerMs: number;
  /** Last words to links of polls, kept for a poll that comes too late for them, and how long, ms. */
  readonly farewells: number;
  readonly farewellMs: number;
}

export const defaultTransportLimits: TransportLimits = {
  // The client gives a POST up after 15 s: what arrives later is sent again anyway.
  bodyMs: 15_000,
  // The longest token, each of its characters escaped in JSON as six bytes, fits.
  helloBytes: 131_072,
  // 500 people in one office who poll every second fit twice. Behind a proxy that is not trusted
  // all clients have its address: set `trustProxy`.
  requestsPerSecond: 1_000,
  requestsBurst: 4_000,
  addresses: 10_000,
  // Two windows of a slow mobile line. With the kernel's buffer, all that one stuck link costs.
  linkBytes: 65_536,
  // Enough for 40 Mbit/s at 50 ms; small enough that what a lost answer repeats is little.
  pollBytes: 262_144,
  pollPackets: 512,
  lingerMs: 5_000,
  // A removed client that polls every two seconds hears why; each is about 200 bytes.
  farewells: 1_000,
  farewellMs: 30_000,
};

/**
 * The limits in force.
 * @throws {RangeError} naming a limit that does not exist, or is no whole number of at least 1.
 */
export function resolveTransportLimits(given: Partial<TransportLimits> = {}): TransportLimits {
  const limits = { ...defaultTransportLimits, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(defaultTransportLimits, name)) {
      const known = Object.keys(defaultTransportLimits).join(", ");
      throw new RangeError(
        `limits.${name} is no limit of the transports (${known}); those of the hub are given to new Hub.`,
      );
    }
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`limits.${name} is ${value}: give a whole number of at least 1.`);
    }
  }
  return limits;
}
