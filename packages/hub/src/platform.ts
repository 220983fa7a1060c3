// What the hub takes from its surroundings: time, timers and dice. Tests hand in virtual ones.

export interface Platform {
  /** Milliseconds of a clock that does not jump; its origin does not matter. */
  now(): number;
  /** Runs once after `ms`, without keeping the process alive; answers how to call it off. */
  after(ms: number, run: () => void): () => void;
  /** Bytes of a cryptographic generator, for ids and secrets. */
  randomBytes(length: number): Uint8Array;
  /** A number in [0, 1), for spreading delays; need not be cryptographic. */
  random(): number;
}

/** The platform of Node, Deno, Bun and browsers. */
export const webPlatform: Platform = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    if (typeof timer === "object") timer.unref();
    return () => clearTimeout(timer);
  },
  randomBytes,
  random: () => Math.random(),
};

/** Ids and secrets take 48 bytes per session; asking for each apart costs more than making it. */
const poolBytes = 4_096;
let pool = new Uint8Array(0);
let used = 0;

function randomBytes(length: number): Uint8Array {
  if (length > poolBytes) return crypto.getRandomValues(new Uint8Array(length));
  if (used + length > pool.length) {
    pool = crypto.getRandomValues(new Uint8Array(poolBytes));
    used = 0;
  }
  const bytes = pool.slice(used, used + length);
  // What was handed out is not kept here.
  pool.fill(0, used, used + length);
  used += length;
  return bytes;
}
