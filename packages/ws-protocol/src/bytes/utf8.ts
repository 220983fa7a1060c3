/**
 * Incremental UTF-8 validation (RFC 3629, as RFC 6455 §8.1 demands of text). The state is a plain
 * number, so that a connection needs no object for it; a wrong byte is found when it arrives.
 */

/** At a character border: nothing is missing. */
export const UTF8_COMPLETE = 0;
/** No continuation can make these bytes valid. */
export const UTF8_INVALID = -1;

/*
 * Inside a character the state packs (missing bytes << 16) | (lowest << 8) | highest, where lowest
 * and highest bound the next byte. The bounds differ from 0x80–0xBF only behind E0, ED, F0 and F4,
 * which is where overlong forms, surrogates and values above U+10FFFF would begin.
 */
const ONE_MORE = (1 << 16) | (0x80 << 8) | 0xbf;
const TWO_MORE = (2 << 16) | (0x80 << 8) | 0xbf;
const THREE_MORE = (3 << 16) | (0x80 << 8) | 0xbf;
const AFTER_E0 = (2 << 16) | (0xa0 << 8) | 0xbf;
const AFTER_ED = (2 << 16) | (0x80 << 8) | 0x9f;
const AFTER_F0 = (3 << 16) | (0x90 << 8) | 0xbf;
const AFTER_F4 = (3 << 16) | (0x80 << 8) | 0x8f;

/** Advances `state` over `bytes[start..end)` and returns the new one. */
export function advanceUtf8(state: number, bytes: Uint8Array, start: number, end: number): number {
  if (state === UTF8_INVALID) return UTF8_INVALID;
  let position = start;
  while (position < end) {
    const byte = bytes[position++]!;
    if (state === UTF8_COMPLETE) {
      if (byte < 0x80) continue;
      state = stateAfterLead(byte);
      if (state === UTF8_INVALID) return UTF8_INVALID;
      continue;
    }
    if (byte < ((state >> 8) & 0xff) || byte > (state & 0xff)) return UTF8_INVALID;
    const missing = (state >> 16) - 1;
    state = missing === 0 ? UTF8_COMPLETE : (missing << 16) | (0x80 << 8) | 0xbf;
  }
  return state;
}

function stateAfterLead(byte: number): number {
  if (byte < 0xc2) return UTF8_INVALID; // a continuation byte, or an overlong C0 or C1
  if (byte < 0xe0) return ONE_MORE;
  if (byte === 0xe0) return AFTER_E0;
  if (byte === 0xed) return AFTER_ED;
  if (byte < 0xf0) return TWO_MORE;
  if (byte === 0xf0) return AFTER_F0;
  if (byte < 0xf4) return THREE_MORE;
  return byte === 0xf4 ? AFTER_F4 : UTF8_INVALID;
}

/**
 * Where the last character of `bytes[start..end)` that may be incomplete begins; `end` if the bytes
 * end at a border. Lets a fast whole-buffer validator take all but the last few bytes.
 */
export function lastUtf8Border(bytes: Uint8Array, start: number, end: number): number {
  const earliest = Math.max(start, end - 3);
  for (let position = end - 1; position >= earliest; position--) {
    const byte = bytes[position]!;
    if (byte < 0x80) return end;
    if (byte >= 0xc0) {
      const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
      return position + length > end ? position : end;
    }
  }
  return end;
}
