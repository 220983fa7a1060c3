// A session that has to do with the quiz: which game it plays or hosts, and how much it may try.
import { FailureError, type Peer } from "@tidewire/hub";
import type { ShowcaseContract } from "../../../shared/contract.js";
import { TokenBucket } from "../../token-bucket.js";
import { createBurst, createPerSecond, triesPerSecond, tryBurst } from "./limits.js";
import type { Player } from "./player.js";

export type QuizPeer = Peer<ShowcaseContract>;

export class Visitor {
  readonly peer: QuizPeer;
  plays: { readonly code: string; readonly player: Player } | undefined;
  /** The token of its game. */
  hosts: string | undefined;
  readonly #tries: TokenBucket;
  readonly #games: TokenBucket;

  constructor(peer: QuizPeer, now: number) {
    this.peer = peer;
    this.#tries = new TokenBucket(tryBurst, triesPerSecond, now);
    this.#games = new TokenBucket(createBurst, createPerSecond, now);
  }

  /** @throws {FailureError} `too-fast` */
  try(now: number): void {
    tooFast(this.#tries.take(now), `Too many attempts: ${triesPerSecond} per second at most.`);
  }

  /** @throws {FailureError} `too-fast` */
  create(now: number): void {
    const wait = this.#games.take(now);
    tooFast(wait, `Too many games at once: wait ${Math.ceil(wait / 1_000)} seconds.`);
  }
}

function tooFast(retryInMs: number, reason: string): void {
  if (retryInMs > 0) throw new FailureError("too-fast", reason, { data: { retryInMs } });
}
