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
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  random: () => Math.random(),
};
