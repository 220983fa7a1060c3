// One HTTP request on its way to the hub's own handler, and the answer on its way back. Both may be
// lost, late, broken off at any byte, and the request may come again, soon or much later.

import type { Place } from "./carrier.js";
import { base, origin } from "./site.js";

const encoder = new TextEncoder();

/** How often each thing goes wrong, out of calm. */
const trouble = 0.03;

export interface Asked {
  readonly endpoint: "sse" | "stream" | "poll" | "send";
  readonly body: string;
  /** The session and link that a batch names. */
  readonly from?: { readonly session: string; readonly link: number };
  /** The network is stuck for so long first. */
  readonly delayMs: number;
  readonly timeoutMs: number;
  /** Of `sse` and `stream`: the response that stays open. */
  opened?(body: ReadableStream<Uint8Array>): void;
  answered(answer: Answer): void;
  /** There is none: one of the three is called, once. */
  failed(): void;
}

export interface Answer {
  readonly isOk: boolean;
  readonly text: string;
  /** The text broke off. */
  readonly isTorn: boolean;
}

/** Sends a request; answers how to give it up. */
export function ask(place: Place, asked: Asked): () => void {
  const request = new Request(place, asked);
  request.send();
  return () => request.giveUp();
}

class Request {
  readonly #place: Place;
  readonly #asked: Asked;
  readonly #controller = new AbortController();
  #isDone = false;
  /** Its connection broke: no answer will come on it. */
  #isTorn = false;

  constructor(place: Place, asked: Asked) {
    this.#place = place;
    this.#asked = asked;
  }

  send(): void {
    const { weather } = this.#place;
    const { timeoutMs, delayMs, failed } = this.#asked;
    const { timeline, random } = weather;
    timeline.plan(timeoutMs, () => this.#finish(failed));
    if (!weather.strikes("lostRequest", trouble)) {
      const isLate = weather.strikes("lateRequest", trouble);
      const delay = 1 + random.below(150) + (isLate ? timeoutMs : delayMs);
      timeline.plan(delay, () => this.#arrive(this.#controller.signal));
    }
    if (weather.strikes("repeatedRequest", trouble)) this.#copy(random.below(500));
    if (weather.strikes("replayedRequest", trouble)) this.#copy(3_000 + random.below(20_000));
  }

  /** The client wants no answer any more, and the hub notices at some time. */
  giveUp(): void {
    this.#isDone = true;
    const { weather, site } = this.#place;
    const delay = weather.random.below(100);
    weather.timeline.plan(delay, () => site.awake(() => this.#controller.abort()));
  }

  #finish(run: () => void): void {
    if (this.#isDone) return;
    this.#isDone = true;
    run();
  }

  #copy(delayMs: number): void {
    const { timeline } = this.#place.weather;
    timeline.plan(delayMs, () => this.#arrive(undefined));
  }

  /** Without a signal it is a copy: who sent it is gone. */
  #arrive(signal: AbortSignal | undefined): void {
    const { site } = this.#place;
    site.awake(() => {
      this.#serve(signal).catch((error: unknown) => site.errors.push(error));
    });
  }

  async #serve(signal: AbortSignal | undefined): Promise<void> {
    const { site, weather } = this.#place;
    const { endpoint } = this.#asked;
    const isOld = this.#isOfOldLink();
    if (isOld) weather.met("oldLink");
    const response = await this.#handled(signal);
    if (isOld && response.ok) {
      this.#place.witness.violated("old-link", `/${endpoint} of a link that a newer one replaced`);
    }
    const isOpen = response.ok && (endpoint === "sse" || endpoint === "stream");
    const isHeard =
      signal !== undefined && !this.#isTorn && !weather.strikes("lostAnswer", trouble);
    const { timeline, random } = weather;
    const latency = 1 + random.below(150);
    if (isOpen) {
      const body = response.body!;
      if (isHeard && !this.#isDone) {
        timeline.plan(latency, () => this.#finish(() => this.#asked.opened?.(body)));
      } else if (signal === undefined || random.chance(0.5)) {
        timeline.plan(latency, () => site.awake(() => void body.cancel().catch(() => {})));
      }
      return;
    }
    const text = await response.text();
    if (!isHeard) return;
    const isTorn = weather.strikes("tornAnswer", trouble);
    const heard = isTorn ? text.slice(0, random.below(text.length)) : text;
    const answer = { isOk: response.ok, text: heard, isTorn };
    timeline.plan(latency, () => this.#finish(() => this.#asked.answered(answer)));
  }

  /** Whether the hub has accepted a newer link of the session already (§5.2). */
  #isOfOldLink(): boolean {
    const { from } = this.#asked;
    const live = this.#place.site.core(from?.session)?.session.live;
    return from !== undefined && live !== undefined && from.link < live.number;
  }

  #handled(signal: AbortSignal | undefined): Promise<Response> {
    const { site, owner } = this.#place;
    const { endpoint } = this.#asked;
    const headers = new Map([
      ["content-type", "application/x-ndjson"],
      ["origin", origin],
    ]);
    return site.handler(
      {
        method: "POST",
        url: `${base}/${endpoint}`,
        headers: { get: (name) => headers.get(name.toLowerCase()) ?? null },
        body: this.#body(signal === undefined),
        signal: signal ?? new AbortController().signal,
      },
      { address: owner.address },
    );
  }

  /** In two pieces, cut at any byte; a torn one breaks off there, a slow one pauses. */
  async *#body(isCopy: boolean): AsyncGenerator<Uint8Array> {
    const { weather, site } = this.#place;
    const { random, timeline } = weather;
    const bytes = encoder.encode(this.#asked.body);
    const at = random.below(bytes.length);
    yield bytes.subarray(0, at);
    if (weather.strikes("tornRequest", trouble)) {
      if (!isCopy) {
        this.#isTorn = true;
        timeline.plan(1 + random.below(100), () => this.#finish(this.#asked.failed));
      }
      throw new Error("the connection broke");
    }
    if (weather.strikes("slowRequest", trouble)) await site.sleep(random.below(6_000));
    yield bytes.subarray(at);
  }
}
