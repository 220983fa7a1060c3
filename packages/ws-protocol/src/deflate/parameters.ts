/** What two ends agree about permessage-deflate, and what each is willing to agree to. */

/** The agreement (RFC 7692 §7.1), complete: what was not said has its default. */
export interface DeflateParameters {
  /** The server compresses each message on its own. */
  readonly serverNoContextTakeover: boolean;
  /** The client compresses each message on its own. */
  readonly clientNoContextTakeover: boolean;
  /** Base-2 logarithm of the server's LZ77 window: 8–15. */
  readonly serverMaxWindowBits: number;
  /** Base-2 logarithm of the client's LZ77 window: 8–15. */
  readonly clientMaxWindowBits: number;
}

/** What a server accepts. */
export interface ServerDeflateConfig {
  /**
   * The server keeps no window between messages. Default `true`: a window costs a server up to
   * 300 KiB per connection, which is more than the bytes it saves are worth for most.
   */
  readonly serverNoContextTakeover?: boolean;
  /** Clients are told to keep no window, so that the server need not either. Default `true`. */
  readonly clientNoContextTakeover?: boolean;
  /** The largest window the server compresses with: 9–15. Default 15. */
  readonly serverMaxWindowBits?: number;
  /**
   * The largest window the server inflates with: 8–15. Default 15. An offer whose client cannot
   * limit its window is declined when this is less than 15.
   */
  readonly clientMaxWindowBits?: number;
  /** The smallest window the platform can compress with: 8–15. Default 9, as zlib cannot do 8. */
  readonly compressorWindowBitsMin?: number;
}

/** What a client offers. */
export interface ClientDeflateConfig {
  /** Demands that the server keeps no window between messages. Default `false`. */
  readonly serverNoContextTakeover?: boolean;
  /** Promises to keep no window between messages. Default `false`. */
  readonly clientNoContextTakeover?: boolean;
  /** Demands a window of at most this from the server: 8–15. Default 15: no demand. */
  readonly serverMaxWindowBits?: number;
  /**
   * The largest window the client compresses with: 9–15, default 15. `false`: the platform cannot
   * limit its window, so the server is not allowed to ask.
   */
  readonly clientMaxWindowBits?: number | false;
  /** The smallest window the platform can compress with: 8–15. Default 9, as zlib cannot do 8. */
  readonly compressorWindowBitsMin?: number;
}

/** RFC 7692 §7.1.2: the range of a window. */
export const WINDOW_BITS_MIN = 8;
export const WINDOW_BITS_MAX = 15;
/** zlib takes 8 for a raw deflate stream and silently uses 9, which a window of 8 cannot inflate. */
export const COMPRESSOR_WINDOW_BITS_MIN = 9;

/**
 * Whether an end may compress at all. A peer may limit our window to less than the platform can
 * do; RFC 7692 §6 then lets every message go uncompressed.
 */
export function canCompress(
  role: "server" | "client",
  parameters: DeflateParameters,
  compressorWindowBitsMin: number = COMPRESSOR_WINDOW_BITS_MIN,
): boolean {
  const bits = role === "server" ? parameters.serverMaxWindowBits : parameters.clientMaxWindowBits;
  return bits >= compressorWindowBitsMin;
}

/**
 * Completes a server's configuration with the defaults.
 *
 * @throws {RangeError} when a window is not an integer in its range.
 */
export function resolveServerDeflate(given: ServerDeflateConfig): Required<ServerDeflateConfig> {
  const compressorWindowBitsMin = resolveCompressorMin(given.compressorWindowBitsMin);
  return {
    serverNoContextTakeover: given.serverNoContextTakeover ?? true,
    clientNoContextTakeover: given.clientNoContextTakeover ?? true,
    serverMaxWindowBits: resolveWindow(
      "serverMaxWindowBits",
      given.serverMaxWindowBits,
      compressorWindowBitsMin,
    ),
    clientMaxWindowBits: resolveWindow(
      "clientMaxWindowBits",
      given.clientMaxWindowBits,
      WINDOW_BITS_MIN,
    ),
    compressorWindowBitsMin,
  };
}

/**
 * Completes a client's configuration with the defaults.
 *
 * @throws {RangeError} when a window is not an integer in its range.
 */
export function resolveClientDeflate(given: ClientDeflateConfig): Required<ClientDeflateConfig> {
  const compressorWindowBitsMin = resolveCompressorMin(given.compressorWindowBitsMin);
  return {
    serverNoContextTakeover: given.serverNoContextTakeover ?? false,
    clientNoContextTakeover: given.clientNoContextTakeover ?? false,
    serverMaxWindowBits: resolveWindow(
      "serverMaxWindowBits",
      given.serverMaxWindowBits,
      WINDOW_BITS_MIN,
    ),
    clientMaxWindowBits:
      given.clientMaxWindowBits === false
        ? false
        : resolveWindow("clientMaxWindowBits", given.clientMaxWindowBits, compressorWindowBitsMin),
    compressorWindowBitsMin,
  };
}

function resolveCompressorMin(given: number | undefined): number {
  return resolveWindow("compressorWindowBitsMin", given ?? COMPRESSOR_WINDOW_BITS_MIN, 8);
}

function resolveWindow(name: string, given: number | undefined, min: number): number {
  const bits = given ?? WINDOW_BITS_MAX;
  if (!Number.isInteger(bits) || bits < min || bits > WINDOW_BITS_MAX) {
    const why = min > WINDOW_BITS_MIN ? " (the compressor can do no less)" : "";
    throw new RangeError(`${name} must be an integer from ${min} to 15${why}, not ${bits}`);
  }
  return bits;
}
