/**
 * What the protocol borrows from the runtime it happens to run in: memory, text codecs and
 * randomness. Adapters hand one `Platform` to every connection of the process.
 */
export interface Platform {
  /**
   * The longest text in bytes of UTF-8 that `decodeAscii` and `decodeUtf8` can make a string of; a
   * longer message fails with 1009. Default: no bound.
   */
  readonly textBytesMax?: number;
  /** Memory of exactly `length` bytes; its contents may be anything. */
  allocate(length: number): Uint8Array;
  /** A copy of `bytes[start..end)` that shares nothing that later reads or writes could change. */
  copy(bytes: Uint8Array, start: number, end: number): Uint8Array;
  /** Text of bytes that are known to be ASCII. */
  decodeAscii(bytes: Uint8Array, start: number, end: number): string;
  /** Text of bytes that are known to be valid UTF-8; a leading U+FEFF is kept. */
  decodeUtf8(bytes: Uint8Array, start: number, end: number): string;
  /**
   * Writes `text` as UTF-8 at `offset`, lone surrogates as U+FFFD, and returns the number of bytes
   * written. The caller has made sure that it fits.
   */
  encodeUtf8(text: string, bytes: Uint8Array, offset: number): number;
  /** Does the same for text that is known to be ASCII. */
  encodeAscii(text: string, bytes: Uint8Array, offset: number): void;
  /** How many bytes `encodeUtf8` would write. */
  utf8Length(text: string): number;
  /** Whether `bytes` are all ASCII, where that is quickly known. Default: taken for false. */
  isAscii?(bytes: Uint8Array): boolean;
  /** Whether `bytes` is valid UTF-8 from its first byte to its last. */
  isUtf8(bytes: Uint8Array): boolean;
  /**
   * Writes `source[start..end)`, XORed with `key` as `maskInto` does, to `target` from `at` on, which
   * may be where it lies. Called for long payloads only, where something faster than JavaScript pays.
   * Returns 0 when every byte written is ASCII, -1 when one is not. Default: JavaScript.
   */
  readonly maskBulk?: BulkMask | undefined;
  /**
   * The text that `source[start..end)` is, XORed with `key` as `maskInto` does. Undefined where that is
   * not ASCII, or not quicker than to unmask it where it lies. `source` stays as it is. Default: undefined.
   */
  decodeMasked?(source: Uint8Array, start: number, end: number, key: number): string | undefined;
  /**
   * Where `maskBulk` writes to most easily, if a text of `length` bytes fits: always the same memory.
   * Long text that comes in several reads is collected there, of one connection at a time, until it is
   * a string. Default: it has memory as any message.
   */
  textMemory?(length: number): Uint8Array | undefined;
  /** 32 unpredictable bits (RFC 6455 §5.3: masking keys come from a strong source of entropy). */
  randomWord(): number;
}

/** See `Platform.maskBulk`. */
export type BulkMask = (
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
  key: number,
) => number;
