/** Feeds a head parser the same bytes in many cuts and wants the same outcome each time. */
import { createHash } from "node:crypto";
import { expect } from "vitest";
import {
  type HandshakeLimits,
  resolveHandshakeLimits,
} from "../../src/handshake/handshake-limits.js";
import { RequestHeadParser, type RequestHeadResult } from "../../src/handshake/request-head.js";
import { ResponseHeadParser, type ResponseHeadResult } from "../../src/handshake/response-head.js";

type Result = RequestHeadResult | ResponseHeadResult;

export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

export function sha1(bytes: Uint8Array): Uint8Array {
  return createHash("sha1").update(bytes).digest();
}

/** The outcome for `text` as a request; `rest` is what follows the head. */
export function feedRequest(text: string, limits?: Partial<HandshakeLimits>): Outcome {
  return feed(() => new RequestHeadParser(resolveHandshakeLimits(limits)), latin1(text));
}

export function feedResponse(text: string, limits?: Partial<HandshakeLimits>): Outcome {
  return feed(() => new ResponseHeadParser(resolveHandshakeLimits(limits)), latin1(text));
}

export interface Outcome {
  readonly result: Result;
  readonly rest: string;
}

const RANDOM_CUTS = 12;

function feed(
  createParser: () => { receive(bytes: Uint8Array): Result },
  bytes: Uint8Array,
): Outcome {
  const whole = feedPieces(createParser(), bytes, () => bytes.length);
  const expected = comparable(whole);
  expect(comparable(feedPieces(createParser(), bytes, () => 1))).toEqual(expected);
  for (let seed = 1; seed <= RANDOM_CUTS; seed++) {
    const random = createRandom(seed);
    // Long and short pieces alike, empty ones too.
    const cut = (): number => Math.floor(random() ** 3 * (bytes.length + 1));
    const outcome = feedPieces(createParser(), bytes, cut);
    expect(comparable(outcome), `cuts of seed ${seed}`).toEqual(expected);
  }
  return whole;
}

function feedPieces(
  parser: { receive(bytes: Uint8Array): Result },
  bytes: Uint8Array,
  nextLength: () => number,
): Outcome {
  let result: Result = { type: "incomplete" };
  let fed = 0;
  while (result.type === "incomplete" && fed < bytes.length) {
    const piece = bytes.slice(fed, fed + nextLength());
    result = parser.receive(piece);
    if (result.type === "head")
      return { result, rest: textOf(bytes.subarray(fed + result.consumed)) };
    piece.fill(0xff); // only lent to the parser
    fed += piece.length;
  }
  return { result, rest: "" };
}

/** An outcome in plain values: a head's headers as an array, and no piece-relative position. */
function comparable({ result, rest }: Outcome): unknown {
  if (result.type !== "head") return { result, rest };
  return { head: { ...result.head, headers: [...result.head.headers] }, rest };
}

/** Mulberry32: the same numbers for the same seed. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 4294967296;
  };
}
