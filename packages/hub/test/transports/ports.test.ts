// What can only happen between two turns: clients that leave while they are admitted, polls that leave
// with their answer half written. Against an admission that answers when it is told to.

import { createFetchHandler, Hub } from "@tidewire/hub";
import {
  type Encoded,
  Entry,
  type Link,
  type LinkPort,
  quickJsonCodec,
} from "@tidewire/session-protocol";
import { describe, expect, it } from "vitest";
import type { Admission } from "../../src/sessions/admission.js";
import { Carriers } from "../../src/transports/carrier.js";
import { Farewells } from "../../src/transports/farewells.js";
import { defaultTransportLimits as limits } from "../../src/transports/limits.js";
import { PollPort } from "../../src/transports/poll-port.js";
import { type MessageSocket, SocketLink } from "../../src/transports/socket-link.js";
import { framedFor, Turn } from "../../src/transports/turn.js";
import { VirtualWorld } from "../support/world.js";
import { hello, lines, ndjson } from "./served.js";

/** A hub whose admission opens the link at once, and tells of it only after `tell`. */
function slowAdmission(): { hub: Hub; admission: Admission; tell: () => void; links: Link[] } {
  const world = new VirtualWorld();
  const hub = new Hub({ platform: world.platform });
  const links: Link[] = [];
  let tell = (): void => {};
  const gate = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const open: Admission["open"] = async (packet, port, facts) => {
    const answer = await hub.admission.open(packet, port, facts);
    if (!("type" in answer)) links.push(answer);
    await gate;
    return answer;
  };
  const admission = new Proxy(hub.admission, {
    get: (target, name) => {
      if (name === "open") return open;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { hub, admission, tell, links };
}

function openPort(admission: Admission): PollPort {
  return new PollPort(quickJsonCodec, {
    admission,
    limits,
    carriers: new Carriers(),
    farewells: new Farewells(admission, limits),
    framed: framedFor(admission.codecs),
    turn: new Turn(),
  });
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a client that leaves while it is admitted", () => {
  it("loses its link when the answer comes: WebSocket", async () => {
    const { admission, tell, links } = slowAdmission();
    const sent: string[] = [];
    const house = {
      admission,
      limits,
      carriers: new Carriers(),
      failed: () => {},
      send: (_: MessageSocket, entry: Entry) => void sent.push(entry.type),
    };
    const socket = { hasRoom: () => true, close: () => {} };
    const facts = {
      transport: "websocket",
      origin: undefined,
      address: "192.0.2.1",
      url: "http://a/tidewire",
      headers: new Headers(),
    } as const;
    let released = 0;
    const port = new SocketLink(socket, quickJsonCodec, facts, house, () => {
      released += 1;
    });
    port.message(JSON.stringify(hello));
    await turn();
    expect(sent).toEqual(["welcome"]);
    port.closed(1006, "");
    tell();
    await turn();
    expect(links[0]!.over).toBe(true);
    expect(released).toBeGreaterThan(0);
    expect(house.carriers.size).toBe(0);
  });

  it("loses its link when the answer comes: open response", async () => {
    const { admission, tell, links } = slowAdmission();
    const handle = createFetchHandler(admission);
    const controller = new AbortController();
    const { signal } = controller;
    const answer = handle(
      new Request("http://a/tidewire/stream", {
        method: "POST",
        body: lines(hello),
        headers: { "content-type": ndjson },
        signal,
      }),
      { address: "192.0.2.1" },
    );
    while (links.length === 0) await turn();
    controller.abort();
    tell();
    await (await answer).text().catch(() => "");
    expect(links[0]!.over).toBe(true);
    expect(handle.carriers.size).toBe(0);
    expect(handle.gate.places.waiting).toBe(0);
  });
});

describe("polls one after the other", () => {
  it("§10.5 are each answered in time, with one timer for all, and none when the link is over", async () => {
    const world = new VirtualWorld();
    const { admission } = new Hub({ platform: world.platform });
    const before = world.timers;
    const port = openPort(admission);
    const answers: [waitMs: number, body: Encoded][] = [];
    const { signal } = new AbortController();
    const park = (waitMs: number): void =>
      port.park(waitMs, { signal, answer: (body) => void answers.push([waitMs, body]) });
    park(5_000);
    expect(world.timers).toBe(before + 1);
    await world.pass(1_000);
    // It takes the place of the first, and is due before it.
    park(1_000);
    expect(world.timers).toBe(before + 1);
    await world.pass(999);
    expect(answers).toEqual([[5_000, ""]]);
    await world.pass(1);
    expect(answers).toEqual([
      [5_000, ""],
      [1_000, ""],
    ]);
    expect(world.timers).toBe(before);
    park(2_000);
    await world.pass(500);
    port.flush();
    // Due later than the timer that is set already.
    park(3_000);
    await world.pass(2_999);
    expect(answers.map(([waitMs]) => waitMs)).toEqual([5_000, 1_000, 2_000]);
    await world.pass(1);
    expect(answers.map(([waitMs]) => waitMs)).toEqual([5_000, 1_000, 2_000, 3_000]);
    park(4_000);
    port.close(4000, "over");
    expect(answers).toHaveLength(5);
    expect(world.timers).toBe(before);
  });
});

describe("a poll that leaves with its answer half written", () => {
  it("§10.5 leaves entries to be written again, once, and keeps what is not counted", async () => {
    const { admission } = new Hub({ platform: new VirtualWorld().platform });
    const port: PollPort & LinkPort = openPort(admission);
    const park = (signal: AbortSignal): Promise<Encoded> =>
      new Promise((answer) => port.park(1_000, { signal, answer }));
    const said = new Entry({ type: "event", name: "said", data: 1 }, quickJsonCodec);
    const pong = new Entry({ type: "pong", id: 7 }, quickJsonCodec);
    const controller = new AbortController();
    const first = park(controller.signal);
    port.write(said, 1);
    port.write(pong, 0);
    controller.abort();
    expect(await first).toBe("");
    const { signal } = new AbortController();
    const second = park(signal);
    // The session writes from where the poll stands.
    port.write(said, 1);
    const packets = String(await second)
      .trim()
      .split("\n");
    expect(packets.map((line) => JSON.parse(line).type)).toEqual(["pong", "event"]);
    // Without a poll nothing that is counted is kept.
    expect(port.write(said, 2)).toBe(false);
  });
});
