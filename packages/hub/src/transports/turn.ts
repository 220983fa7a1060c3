// What leaves at the end of a turn: the answers to polls, and to POSTs that take something home (§10.4).

import type { Bye, Codec, Encoded, Entry } from "@tidewire/session-protocol";
import { frameEntry } from "../codecs.js";
import { FramedOnce } from "./framed-once.js";

/** A POST that may take entries home. One of its methods is called, once; none may throw. */
export interface Post {
  /** As `Session.takeAck`. */
  takeAck(): number;
  answer(body: Encoded): void;
  /** The link is over. */
  over(end: Bye): void;
}

export interface Written {
  readonly framed: Encoded;
  readonly isEntry: boolean;
}

/** What has something to answer when the turn ends. */
interface Planned {
  /** Called once for each time it was added. */
  flushPlanned(): void;
}

/** What is written in one go leaves in one answer: polls are answered when the work at hand is done. */
export class Turn {
  #planned: Planned[] = [];
  #delay = 0;

  add(one: Planned): void {
    if (this.#planned.length === 0) {
      this.#delay = turnMicrotasks;
      this.#wait();
    }
    this.#planned.push(one);
  }

  #wait(): void {
    queueMicrotask(() => {
      this.#delay -= 1;
      if (this.#delay > 0) this.#wait();
      else this.#end();
    });
  }

  #end(): void {
    const planned = this.#planned;
    this.#planned = [];
    for (const one of planned) one.flushPlanned();
  }
}

export function framedFor(codecs: readonly Codec[]): ReadonlyMap<Codec, FramedOnce<Encoded>> {
  return new Map(
    codecs.map((codec) => [codec, new FramedOnce((entry: Entry) => frameEntry(entry, codec))]),
  );
}

export function joined(parts: readonly Written[], codec: Codec): Encoded {
  if (parts.length === 1) return parts[0]!.framed;
  if (!codec.binary) return parts.map(({ framed }) => framed).join("");
  const whole = new Uint8Array(parts.reduce((sum, { framed }) => sum + framed.length, 0));
  let at = 0;
  for (const { framed } of parts) {
    whole.set(framed as Uint8Array, at);
    at += framed.length;
  }
  return whole;
}

/** So many that the answer of a handler which awaited next to nothing comes with what caused it. */
const turnMicrotasks = 4;
