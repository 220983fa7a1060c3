/** What the tests of deflate share: sessions of both roles, calls as promises, seeded bytes. */
import {
  type Deflated,
  type DeflateParameters,
  type DeflateSession,
  isDeflateFault,
  type MessageDeflater,
  type MessageInflater,
  SEND_PLAIN,
} from "@tidewire/ws-protocol";
import { DeflateBudget } from "../../src/deflate/deflate-budget.js";
import type { DeflateBudgetOptions, DeflateOptions } from "../../src/deflate/deflate-limits.js";
import { DeflateSessionFactory } from "../../src/deflate/deflate-session.js";

export const TAKEOVER: DeflateParameters = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

export const NO_TAKEOVER: DeflateParameters = {
  ...TAKEOVER,
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
};

/** Both ways of running zlib, and the pool alone. */
export const WAYS: [string, DeflateBudgetOptions, DeflateOptions][] = [
  ["on the spot", {}, {}],
  ["in the pool", {}, { syncBytesMax: 0 }],
  ["with documented functions only", { onTheSpot: false }, {}],
];

export interface Pair {
  readonly budget: DeflateBudget;
  readonly server: DeflateSession;
  readonly client: DeflateSession;
  close(): void;
}

export function openPair(
  parameters: DeflateParameters,
  budgetOptions: DeflateBudgetOptions = {},
  options: DeflateOptions = {},
  budget: DeflateBudget = new DeflateBudget(budgetOptions),
): Pair {
  const factory = new DeflateSessionFactory(options, budget);
  const server = factory.create("server", parameters);
  const client = factory.create("client", parameters);
  return {
    budget,
    server,
    client,
    close() {
      for (const session of [server, client]) {
        session.deflater?.close();
        session.inflater.close();
      }
      budget.releaseIdle();
    },
  };
}

export function inflate(
  inflater: MessageInflater,
  data: Uint8Array,
  last = true,
  bytesMax = 64 * 1024 * 1024,
): Promise<Deflated> {
  return new Promise((resolve) => {
    const result = inflater.inflate(data, last, bytesMax, resolve);
    if (result !== undefined) resolve(owned(result));
  });
}

export function deflate(
  deflater: MessageDeflater | undefined,
  data: Uint8Array,
  last = true,
): Promise<Deflated | typeof SEND_PLAIN> {
  return new Promise((resolve) => {
    const result = deflater!.deflate(data, last, resolve);
    if (result !== undefined) resolve(owned(result));
  });
}

/** What is returned on the spot is good only until the next call of anybody's. */
function owned<R extends Deflated | typeof SEND_PLAIN>(result: R): R | Uint8Array {
  return result instanceof Uint8Array ? Uint8Array.from(result) : result;
}

/** The bytes of a result that must be bytes. */
export function bytesOf(result: Deflated | typeof SEND_PLAIN): Buffer {
  if (result === SEND_PLAIN) throw new Error("it was to be sent plain");
  if (isDeflateFault(result)) throw new Error(`${result.code}: ${result.detail}`);
  return Buffer.from(result);
}

/** The code of a result that must be a fault. */
export function codeOf(result: Deflated | typeof SEND_PLAIN): string {
  if (result === SEND_PLAIN) return result;
  return isDeflateFault(result) ? result.code : `${result.length} bytes`;
}

/** Numbers from 0 to below 1, the same for the same seed. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const WORDS = "tide wire shore wave boat harbour anchor current gull sand foam".split(" ");

/** Text that compresses as text does. */
export function createText(length: number, random: () => number): Buffer {
  let text = "";
  while (text.length < length) {
    text += `${WORDS[Math.floor(random() * WORDS.length)]!}${Math.floor(random() * 1000)} `;
  }
  return Buffer.from(text.slice(0, length));
}

export function createNoise(length: number, random: () => number): Buffer {
  const noise = Buffer.alloc(length);
  for (let i = 0; i < length; i++) noise[i] = Math.floor(random() * 256);
  return noise;
}
