import { describe, expect, test } from "vitest";
import { prepareForTurn } from "../../src/messages/prepared-message.js";
import { utf8 } from "../support/frames.js";
import { type End, Link } from "../support/link.js";
import { forSeeds, type Random } from "../support/random.js";
import { type Recorded, toHex } from "../support/recorder.js";

const STEPS = 400;
const SETTLE_STEPS_MAX = 20_000;

/** What an application at one end does, and what the other end must receive of it. */
class Application {
  readonly sent: Recorded[] = [];
  readonly #end: End;
  readonly #link: Link;
  #open: { readonly type: "text" | "binary"; content: string } | undefined;

  constructor(link: Link, end: End) {
    this.#link = link;
    this.#end = end;
  }

  act(): void {
    const { random, platform, arena, now } = this.#link;
    const { connection } = this.#end;
    const compress = random.chance(0.7);
    const operation = random.below(20);
    if (operation < 3) return;
    if (operation === 3) connection.ping(random.bytes(random.below(126)));
    else if (operation === 4) connection.pong(random.bytes(random.below(10)));
    else if (operation === 5) connection.pause();
    else if (operation < 8) connection.resume(now);
    else if (this.#open !== undefined || operation === 8) this.#sendPart(random, compress);
    else if (connection.blocked && random.chance(0.8)) return;
    else if (operation < 12) {
      const text = random.text(random.below(random.chance(0.05) ? 7000 : 60));
      connection.sendText(text, compress);
      this.#note({ type: "text", text });
    } else if (operation < 15) {
      const bytes = random.bytes(random.below(random.chance(0.05) ? 20_000 : 200));
      connection.sendBinary(bytes, compress);
      this.#note({ type: "binary", hex: toHex(bytes) });
    } else if (operation < 17) {
      const text = random.text(random.below(60));
      connection.sendTextBytes(utf8(text), compress);
      this.#note({ type: "text", text });
    } else {
      const text = random.text(random.below(60));
      connection.sendPrepared(prepareForTurn(text, platform, arena));
      this.#note({ type: "text", text });
    }
  }

  /** Ends a message that was begun, so that nothing is missing. */
  finish(random: Random): void {
    while (this.#open !== undefined) this.#sendPart(random, true);
  }

  #sendPart(random: Random, compress: boolean): void {
    this.#open ??= { type: random.chance(0.5) ? "text" : "binary", content: "" };
    const { type } = this.#open;
    const last = random.chance(0.4);
    const part = random.text(random.below(20));
    const data = type === "binary" || random.chance(0.3) ? utf8(part) : part;
    this.#end.connection.sendFragment(data, type, last, compress);
    this.#open.content += part;
    if (!last) return;
    const { content } = this.#open;
    this.#open = undefined;
    this.#note(type === "text" ? { type, text: content } : { type, hex: toHex(utf8(content)) });
  }

  #note(message: Recorded): void {
    if (this.#end.connection.state === "open") this.sent.push(message);
  }
}

function messagesOf(end: End): Recorded[] {
  return end.listener.events.filter(({ type }) => type === "text" || type === "binary");
}

/** Both ends act at random; then `finale` begins, and the link runs until it is quiet. */
function simulate(
  random: Random,
  compression: "none" | "now" | "later",
  closers: readonly number[],
) {
  const link = new Link(random, compression);
  const applications = link.ends.map((end) => new Application(link, end));
  for (let step = 0; step < STEPS; step++) {
    for (const application of applications) application.act();
    link.step();
  }
  for (const application of applications) application.finish(random);
  for (const closer of closers) link.ends[closer]!.connection.close(1000 + closer, "bye", link.now);
  const over = () => link.ends.every((end) => end.inputEnded || end.destroyed);
  for (let step = 0; step < SETTLE_STEPS_MAX && !over(); step++) {
    for (const { connection } of link.ends) connection.resume(link.now);
    link.step();
  }
  expect(over(), "the link became quiet").toBe(true);
  return { link, applications };
}

describe.each(["none", "now", "later"] as const)(
  "two connections, compression %s",
  (compression) => {
    test.each([[0], [1], [0, 1]])(
      "§5.4 what one sends the other receives in order until a clean close, begun by %s",
      (...closers) => {
        forSeeds(6, (random) => {
          const { link, applications } = simulate(random, compression, closers.flat());
          for (const [index, end] of link.ends.entries()) {
            const { connection } = end;
            expect(connection.fault).toBeUndefined();
            expect(connection.state).toBe("closed");
            expect(connection.closeInfo.wasClean).toBe(true);
            expect(messagesOf(end)).toEqual(applications[1 - index]!.sent);
            expect(connection.queuedBytes).toBe(0);
          }
        });
      },
      60_000,
    );
  },
);
