// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Client } from "../src/index.js";
import { currentPlatform, type Signal, type SocketConstructor } from "../src/platform.js";
import { Scene } from "./support/scene.js";

// What a page tells: its own events, and what the client makes of them.

let visibility: DocumentVisibilityState = "visible";
let signals: Signal[] = [];
let stop = (): void => {};
const connection = new EventTarget();

beforeEach(() => {
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => visibility });
  Object.defineProperty(navigator, "connection", { configurable: true, value: connection });
  signals = [];
  stop = currentPlatform().watch((signal) => signals.push(signal));
});

afterEach(() => stop());

function becomes(state: DocumentVisibilityState): void {
  visibility = state;
  document.dispatchEvent(new Event("visibilitychange"));
}

const transition = (name: string, persisted: boolean): Event =>
  Object.assign(new Event(name), { persisted });

describe("signals of a page", () => {
  const cases: readonly [string, () => void, Signal[]][] = [
    ["online", () => window.dispatchEvent(new Event("online")), ["retry"]],
    ["offline", () => window.dispatchEvent(new Event("offline")), ["offline"]],
    ["visibilitychange to visible", () => becomes("visible"), ["retry"]],
    ["visibilitychange to hidden", () => becomes("hidden"), []],
    ["resume of a frozen page", () => document.dispatchEvent(new Event("resume")), ["retry"]],
    [
      "pageshow out of the cache",
      () => window.dispatchEvent(transition("pageshow", true)),
      ["retry"],
    ],
    ["pageshow of a new page", () => window.dispatchEvent(transition("pageshow", false)), []],
    [
      "pagehide into the cache",
      () => window.dispatchEvent(transition("pagehide", true)),
      ["freeze"],
    ],
    ["pagehide for good", () => window.dispatchEvent(transition("pagehide", false)), ["unload"]],
    ["a change of network", () => connection.dispatchEvent(new Event("change")), ["doubt"]],
  ];
  for (const [name, happen, expected] of cases) {
    test(`${name}: ${expected[0] ?? "nothing"}`, () => {
      happen();
      expect(signals).toEqual(expected);
      stop();
      happen();
      expect(signals).toEqual(expected);
    });
  }
});

/** A client in this page, and how many pings it has sent. */
function clientIn(scene: Scene): { client: Client; pings(): number } {
  let count = 0;
  class Socket extends scene.hub.WebSocket {
    override send(data: string | Uint8Array<ArrayBuffer>): void {
      if (String(data).includes('"ping"')) count += 1;
      super.send(data);
    }
  }
  const { watch } = currentPlatform();
  const platform = { watch, WebSocket: Socket as unknown as SocketConstructor };
  return { client: scene.connect({ codec: "json", platform }), pings: () => count };
}

describe("a client in a page", () => {
  test("visibilitychange: a waiting client tries at once, one with a link looks whether it is alive", async () => {
    const scene = new Scene();
    const { client, pings } = clientIn(scene);
    await scene.time.until(() => client.state === "connected");
    const before = pings();
    becomes("visible");
    await scene.time.pass(50);
    expect(pings()).toBe(before + 1);
    scene.hub.everything = "refused";
    scene.hub.cutAll();
    const waits: number[] = [];
    client.watch("failure", (_, retryInMs) => waits.push(retryInMs));
    await scene.time.until(() => (waits.at(-1) ?? 0) > 5_000, 600_000);
    scene.hub.everything = "fine";
    becomes("hidden");
    await scene.time.pass(1_000);
    expect(client.state).toBe("reconnecting");
    becomes("visible");
    await scene.time.until(() => client.state === "connected", 1_000);
    client.close();
  });

  test("wake: a timer that comes an hour late makes a client with a link ask whether it is alive", async () => {
    const scene = new Scene();
    const { client, pings } = clientIn(scene);
    await scene.time.until(() => client.state === "connected");
    await scene.time.pass(1_000);
    const before = pings();
    scene.time.leap(3_600_000);
    await scene.time.until(() => pings() > before, 60_000);
    expect(client.state).toBe("connected");
    client.close();
  });

  test("offline is told as the state once the link is gone, and online brings it back at once", async () => {
    const scene = new Scene();
    const { client } = clientIn(scene);
    await scene.time.until(() => client.state === "connected");
    scene.isOnline = false;
    scene.hub.everything = "refused";
    window.dispatchEvent(new Event("offline"));
    scene.hub.cutAll();
    await scene.time.pass(60_000);
    expect(client.state).toBe("offline");
    scene.isOnline = true;
    scene.hub.everything = "fine";
    window.dispatchEvent(new Event("online"));
    await scene.time.until(() => client.state === "connected", 500);
    client.close();
  });
});
