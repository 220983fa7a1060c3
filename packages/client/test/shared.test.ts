import { describe, expect, test } from "vitest";
import type { LostMessage } from "../src/index.js";
import { connectShared, type SharedClient, type SharedOptions } from "../src/shared.js";
import { Scene } from "./support/scene.js";

/** The tabs of one browser: locks and channels that work as the Web's do. */
class Browser {
  readonly #waiting = new Map<string, (() => void)[]>();
  readonly #held = new Set<string>();
  readonly channels = new Set<{ name: string; onmessage: ((event: never) => void) | null }>();

  readonly locks: NonNullable<SharedOptions["locks"]> = {
    request: (name, { signal }, hold) =>
      new Promise((resolve, reject) => {
        const take = (): void => {
          hold().then(() => {
            resolve(undefined);
            const next = this.#waiting.get(name)?.shift();
            if (next === undefined) this.#held.delete(name);
            else next();
          });
        };
        signal.addEventListener("abort", () => {
          const queue = this.#waiting.get(name) ?? [];
          if (!queue.includes(take)) return;
          queue.splice(queue.indexOf(take), 1);
          reject(signal.reason);
        });
        if (!this.#held.has(name)) {
          this.#held.add(name);
          queueMicrotask(take);
        } else this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), take]);
      }),
  };

  get BroadcastChannel(): NonNullable<SharedOptions["BroadcastChannel"]> {
    const { channels } = this;
    return class {
      readonly name: string;
      onmessage: ((event: never) => void) | null = null;
      constructor(name: string) {
        this.name = name;
        channels.add(this);
      }
      postMessage(message: unknown): void {
        const data = structuredClone(message);
        for (const other of channels) {
          if (other === this || other.name !== this.name) continue;
          queueMicrotask(() => other.onmessage?.({ data } as never));
        }
      }
      close(): void {
        channels.delete(this);
        this.onmessage = null;
      }
    };
  }

  open(scene: Scene): SharedClient {
    const { locks, BroadcastChannel } = this;
    const tab = connectShared("https://hub.test/tidewire", {
      platform: scene.platform(),
      locks,
      BroadcastChannel,
    });
    tab.watch("error", (error) => scene.errors.push(error));
    return tab;
  }
}

describe("one connection for all tabs", () => {
  test("three tabs, one session: each hears events, each may send and ask", async () => {
    const scene = new Scene();
    const browser = new Browser();
    const tabs = [browser.open(scene), browser.open(scene), browser.open(scene)] as const;
    const seen: unknown[] = [];
    tabs.forEach((tab, index) => void tab.on("news", (data) => seen.push([index, data])));
    await scene.time.until(() => tabs.every(({ state }) => state === "connected"));
    await scene.time.pass(10);
    expect(tabs.map(({ isLeader }) => isLeader)).toEqual([true, false, false]);
    expect(scene.hub.held.size).toBe(1);
    scene.hub.emit(scene.hub.only, "news", 1);
    tabs[2].emit("from", 2);
    const acked = tabs[1].emitAcked("from", 1);
    const reply = tabs[1].request("ask", "x");
    await scene.time.pass(100);
    await acked;
    const request = scene.hub.only.packets.find(({ type }) => type === "request");
    scene.hub.send(scene.hub.only, {
      type: "reply",
      id: (request as { id: number }).id,
      data: "y",
    });
    await scene.time.pass(100);
    await expect(reply).resolves.toBe("y");
    expect(seen.sort()).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
    for (const tab of tabs) tab.close();
  });

  test("the leader closes while offline: what followers queued is sent by the next, once and in order", async () => {
    const scene = new Scene();
    const browser = new Browser();
    scene.hub.everything = "refused";
    const [first, second, third] = [browser.open(scene), browser.open(scene), browser.open(scene)];
    await scene.time.pass(1_000);
    for (let i = 0; i < 10; i += 1) {
      second.emit("b", i);
      third.emit("c", i);
    }
    await scene.time.pass(1_000);
    first.close();
    await scene.time.pass(100);
    expect(second.isLeader).toBe(true);
    scene.hub.everything = "fine";
    await scene.time.until(() => third.state === "connected");
    await scene.time.pass(2_000);
    const sent = (name: string): unknown[] =>
      scene.hub.only.packets
        .filter((packet) => "name" in packet && packet.name === name)
        .map((packet) => "data" in packet && packet.data);
    const numbers = Array.from({ length: 10 }, (_, i) => i);
    expect(sent("b")).toEqual(numbers);
    expect(sent("c")).toEqual(numbers);
    expect(scene.errors).toEqual([]);
    second.close();
    third.close();
  });

  test("the leader vanishes with messages taken: they are told as lost, never sent twice", async () => {
    const scene = new Scene();
    const browser = new Browser();
    const [first, second] = [browser.open(scene), browser.open(scene)];
    await scene.time.until(() => second.state === "connected");
    const lost: LostMessage[] = [];
    second.watch("lost", (messages) => lost.push(...messages));
    second.emit("perhaps", 1);
    await scene.time.pass(5);
    first.close();
    await scene.time.until(() => second.isLeader && second.state === "connected");
    await scene.time.pass(100);
    expect(lost).toEqual([{ name: "perhaps", data: 1, code: "lost" }]);
    expect(scene.hub.latest.packets).toEqual([]);
    second.close();
  });

  test("a request times out in its own tab, and a hub's last word reaches every tab", async () => {
    const scene = new Scene();
    const browser = new Browser();
    scene.hub.everything = "refused";
    const [first, second] = [browser.open(scene), browser.open(scene)];
    await scene.time.pass(100);
    const late = expect(second.request("ask", 1, { timeoutMs: 500 })).rejects.toMatchObject({
      code: "timeout",
    });
    await scene.time.pass(600);
    await late;
    const closed = expect(second.emitAcked("x", 1)).rejects.toMatchObject({ code: "closed" });
    scene.hub.everything = "fine";
    scene.hub.refuse = () => ({ code: 4403 });
    await scene.time.until(() => second.state === "closed", 60_000);
    await closed;
    first.close();
    second.close();
  });

  test("malformed messages of another script crash nothing", async () => {
    const scene = new Scene();
    const browser = new Browser();
    const tab = browser.open(scene);
    const other = browser.open(scene);
    await scene.time.until(() => other.state === "connected");
    const nonsense = [
      null,
      5,
      "x",
      {},
      [],
      { type: "__proto__", from: "x" },
      { type: "ask", from: "x" },
      { type: "ask", from: "x", id: 1, kind: "toString", name: "y" },
      { type: "event", from: "x" },
      { type: "event", from: "x", info: null },
      { type: "done", from: "x", to: "y", id: 1, error: null },
      { type: "lead", from: "x", state: "wild" },
      { type: "lead", from: {}, state: "closed" },
    ];
    for (const channel of browser.channels) {
      for (const data of nonsense) channel.onmessage?.({ data } as never);
    }
    await scene.time.pass(100);
    expect(other.state).toBe("connected");
    expect(scene.errors).toEqual([]);
    tab.close();
    other.close();
  });

  test("without locks each tab has its own connection", async () => {
    const scene = new Scene();
    const tab = connectShared("https://hub.test/tidewire", { platform: scene.platform() });
    await scene.time.until(() => tab.state === "connected");
    expect(tab.isLeader).toBe(true);
    tab.close();
  });
});
