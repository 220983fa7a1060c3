// Somebody in the chat: one session of a person, and how fast it may do things.
import { FailureError, type Peer } from "@tidewire/hub";
import type { Person } from "../../../shared/chat/contract.js";
import type { ShowcaseContract } from "../../../shared/contract.js";
import { TokenBucket } from "../../token-bucket.js";
import type { ChatRoom } from "./chat-room.js";
import { changeBurst, changesPerSecond, sayBurst, sayPerSecond } from "./limits.js";

export type ChatPeer = Peer<ShowcaseContract>;

export class Visitor {
  readonly peer: ChatPeer;
  readonly rooms: Set<ChatRoom> = new Set();
  readonly id: string;
  name = "";
  readonly #changes: TokenBucket;
  readonly #sayings: TokenBucket;

  /** @throws {FailureError} for a guest: messages need an author who stays the same */
  constructor(peer: ChatPeer, now: number) {
    if (peer.user === undefined) {
      throw new FailureError(
        "forbidden",
        "Connect with a token: the chat needs to know you again.",
      );
    }
    this.peer = peer;
    this.id = peer.user;
    this.#changes = new TokenBucket(changeBurst, changesPerSecond, now);
    this.#sayings = new TokenBucket(sayBurst, sayPerSecond, now);
  }

  get person(): Person {
    return { id: this.id, name: this.name };
  }

  mayChange(now: number): boolean {
    return this.#changes.take(now) === 0;
  }

  /** @throws {FailureError} `too-fast` */
  change(now: number): void {
    tooFast(this.#changes.take(now), `Too many changes: ${changesPerSecond} per second at most.`);
  }

  /** @throws {FailureError} `too-fast` */
  say(now: number): void {
    tooFast(this.#sayings.take(now), `Too many messages: ${sayPerSecond} per second at most.`);
  }
}

function tooFast(retryInMs: number, reason: string): void {
  if (retryInMs > 0) throw new FailureError("too-fast", reason, { data: { retryInMs } });
}
