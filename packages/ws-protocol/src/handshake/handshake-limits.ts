/**
 * The bounds of the opening handshake. They hold before anybody is authenticated, so they are as
 * small as real requests allow.
 */

export interface HandshakeLimits {
  /**
   * Bytes of a whole head, from its first byte to the empty line; interim responses count with the
   * response that they precede. Default 16 KiB: what Node's `http` allows, so that a server behaves
   * alike on its own port and on a shared one.
   */
  readonly headBytesMax: number;
  /**
   * Header lines of a head, equal names counted each time. Default 100: a browser sends about 15 and
   * a chain of proxies as many again; lines, not names, because a thousand lines of one name cost
   * as much as a thousand names.
   */
  readonly headerLinesMax: number;
  /**
   * Bytes of one line, without its CRLF: the request line or one header. Default 8 KiB: the usual
   * bound of proxies, room for two full cookies or a long token in the URL.
   */
  readonly lineBytesMax: number;
  /**
   * Subprotocols that one request may offer. Default 32: real clients offer one to five; each one is
   * compared with each that the server speaks.
   */
  readonly subprotocolsMax: number;
  /**
   * Extensions in one request or response. Default 16: real clients offer one, with up to four
   * fallbacks.
   */
  readonly extensionsMax: number;
  /** Parameters of one extension. Default 16: permessage-deflate has four. */
  readonly extensionParametersMax: number;
}

export const DEFAULT_HANDSHAKE_LIMITS: HandshakeLimits = {
  headBytesMax: 16 * 1024,
  headerLinesMax: 100,
  lineBytesMax: 8 * 1024,
  subprotocolsMax: 32,
  extensionsMax: 16,
  extensionParametersMax: 16,
};

/**
 * Completes the limits that the caller gave with the defaults.
 *
 * @throws {RangeError} when a limit is not a positive integer. There is no `Infinity` here: a head is
 * kept in memory until it is complete.
 */
export function resolveHandshakeLimits(given: Partial<HandshakeLimits> = {}): HandshakeLimits {
  const defaults = DEFAULT_HANDSHAKE_LIMITS;
  const limits: HandshakeLimits = {
    headBytesMax: given.headBytesMax ?? defaults.headBytesMax,
    headerLinesMax: given.headerLinesMax ?? defaults.headerLinesMax,
    lineBytesMax: given.lineBytesMax ?? defaults.lineBytesMax,
    subprotocolsMax: given.subprotocolsMax ?? defaults.subprotocolsMax,
    extensionsMax: given.extensionsMax ?? defaults.extensionsMax,
    extensionParametersMax: given.extensionParametersMax ?? defaults.extensionParametersMax,
  };
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`${name} must be a positive integer, not ${value}`);
    }
  }
  return limits;
}
