// Connections of one endpoint pass their readers and writers on. Nobody may notice.
import { describe, expect, test } from "vitest";
import { Arena } from "../../src/bytes/arena.js";
import { Connection } from "../../src/connection/connection.js";
import type { ConnectionOptions } from "../../src/connection/connection-options.js";
import { endpointOf } from "../../src/connection/endpoint.js";
import { resolveLimits, WRITERS_KEPT_MAX } from "../../src/limits.js";
import { describeFrame, takeFrames } from "../support/connections.js";
import { frameTo, joined, ROLES, type Role } from "../support/frames.js";
import { createPlatform } from "../support/node-platform.js";
import { forSeeds, type Random } from "../support/random.js";
import { RecordingListener } from "../support/recorder.js";

function createOptions(role: Role): ConnectionOptions {
  const platform = createPlatform();
  const keepalive = { pingIntervalMs: 0 };
  return { role, platform, arena: new Arena(platform), limits: resolveLimits(), keepalive };
}

/** A connection, and what it is yet to receive. */
class Peer {
  readonly listener = new RecordingListener();
  readonly connection: Connection;
  readonly #input: Uint8Array;
  readonly #sent: string[] = [];
  #at = 0;

  constructor(options: ConnectionOptions, input: Uint8Array) {
    this.connection = new Connection(options, this.listener, 0);
    this.#input = input;
  }

  get done(): boolean {
    return this.#at === this.#input.length;
  }

  /** Receives a little, says a little, and writes what there is now and then. */
  step(random: Random): void {
    const { connection } = this;
    if (!connection.held) {
      const end = Math.min(this.#input.length, this.#at + 1 + random.below(12));
      connection.receive(this.#input.slice(this.#at, end), 0);
      this.#at = end;
    }
    if (connection.held) connection.resume(0);
    else if (random.chance(0.1)) connection.pause();
    if (random.chance(0.3)) this.flush();
  }

  flush(): void {
    this.#sent.push(...takeFrames(this.connection).map(describeFrame));
  }

  get outcome(): unknown {
    this.connection.resume(0);
    this.flush();
    const { fault, state, framingBytes, closeInfo } = this.connection;
    const sent = this.#sent;
    return { events: this.listener.events, sent, fault, state, framingBytes, closeInfo };
  }
}

/** Frames of all kinds, some of which no peer may send. */
function createInput(role: Role, random: Random): Uint8Array {
  const frames: Uint8Array[] = [];
  const payload = (): Uint8Array =>
    Uint8Array.from({ length: random.below(30) }, () => 0x61 + random.below(26));
  for (let count = 2 + random.below(8); count > 0; count--) {
    const kind = random.below(12);
    if (kind < 5) frames.push(frameTo(role, { opcode: 1 + random.below(2), payload: payload() }));
    else if (kind < 8) {
      frames.push(frameTo(role, { fin: false, opcode: 1, payload: payload() }));
      if (random.chance(0.5)) frames.push(frameTo(role, { opcode: 9, payload: payload() }));
      frames.push(frameTo(role, { opcode: 0, payload: payload() }));
    } else if (kind < 10) frames.push(frameTo(role, { opcode: 9, payload: payload() }));
    else if (kind === 10) {
      frames.push(frameTo(role, { opcode: 8, payload: Uint8Array.of(3, 0xe8) }));
    } else frames.push(frameTo(role, { opcode: 0, payload: payload() }));
  }
  return joined(...frames);
}

describe.each(ROLES)("the connections of a %s endpoint", (role) => {
  test("read and write as if each had its own reader and writer", () => {
    forSeeds(300, (random) => {
      const shared = createOptions(role);
      const inputs = Array.from({ length: 4 }, () => createInput(role, random));
      const peers = inputs.map((input) => new Peer(shared, input));
      while (peers.some((peer) => !peer.done && peer.connection.fault === undefined)) {
        const peer = peers[random.below(peers.length)]!;
        if (!peer.done) peer.step(random);
      }
      for (const [index, peer] of peers.entries()) {
        const alone = new Peer(createOptions(role), inputs[index]!);
        while (!alone.done) alone.step(random);
        expect(peer.outcome).toEqual(alone.outcome);
      }
    });
  });

  test("a writer is passed on when its message has been taken, and not before", () => {
    const options = createOptions(role);
    const [first, second] = [1, 2].map(() => new Connection(options, new RecordingListener(), 0));
    first!.sendFragment("a", "text", false);
    expect(takeFrames(first!).map(describeFrame)).toEqual(['text "a"']);
    second!.sendText("b");
    first!.sendFragment("c", "text", true);
    expect(takeFrames(second!).map(describeFrame)).toEqual(['text "b"']);
    expect(takeFrames(first!).map(describeFrame)).toEqual(["continuation 63"]);
    const headerBytes = role === "client" ? 6 : 2;
    expect(first!.framingBytes).toBe(2 * headerBytes);
    expect(second!.framingBytes).toBe(headerBytes);
  });

  test("a message that is cut anywhere waits in its own connection", () => {
    const options = createOptions(role);
    const listeners = [new RecordingListener(), new RecordingListener()];
    const [first, second] = listeners.map((listener) => new Connection(options, listener, 0));
    const [one, other] = ["one", "other"].map((text) =>
      frameTo(role, { opcode: 1, payload: Buffer.from(text) }),
    );
    for (let cut = 1; cut < one!.length; cut++) {
      first!.receive(one!.slice(0, cut), 0);
      second!.receive(other!.slice(), 0);
      first!.receive(one!.slice(cut), 0);
    }
    const times = one!.length - 1;
    for (const [index, text] of ["one", "other"].entries()) {
      const expected = Array.from({ length: times }, () => ({ type: "text", text }));
      expect(listeners[index]!.events).toEqual(expected);
    }
  });

  test("a listener that throws leaves the others alone", () => {
    const options = createOptions(role);
    const listener = new RecordingListener();
    const throwing = new RecordingListener();
    throwing.onMessage = () => {
      throw new Error("the listener's");
    };
    const broken = new Connection(options, throwing, 0);
    const whole = new Connection(options, listener, 0);
    const frame = frameTo(role, { opcode: 1, payload: Buffer.from("x") });
    expect(() => broken.receive(joined(frame, frame), 0)).toThrow("the listener's");
    whole.receive(frame.slice(), 0);
    expect(listener.events).toHaveLength(1);
    throwing.onMessage = RecordingListener.prototype.onMessage;
    broken.receive(frame.slice(), 0);
    expect(throwing.events).toHaveLength(2);
  });
});

test(`${WRITERS_KEPT_MAX} writers are kept`, () => {
  const endpoint = endpointOf(createOptions("server"));
  const taken = Array.from({ length: WRITERS_KEPT_MAX + 1 }, () => endpoint.takeWriter());
  for (const writer of taken) endpoint.keepWriter(writer);
  const again = new Set(taken.map(() => endpoint.takeWriter()));
  expect(taken.filter((writer) => again.has(writer))).toHaveLength(WRITERS_KEPT_MAX);
});
