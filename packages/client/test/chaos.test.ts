import { expect, test } from "vitest";
import type { Weather } from "./support/fake-hub.js";
import { Scene } from "./support/scene.js";

const weathers: Weather[] = ["fine", "fine", "fine", "refused", "hangs", "buffers", "html", 502];
const paths = ["websocket", "sse", "stream", "poll", "send"] as const;
const seeds = Number(process.env["CHAOS_SEEDS"] ?? 40);

test("through any weather on any transport, every event arrives once and in order, both ways", async () => {
  const used = new Set<string>();
  for (let seed = 1; seed <= seeds; seed += 1) {
    const scene = new Scene(seed, { sessionMs: 86_400_000 });
    const { hub, time } = scene;
    const { random } = hub;
    hub.latencyMs = 1 + random.below(150);
    const client = scene.connect({ outbox: { entries: 10_000 }, token: () => "token" });
    const seen: unknown[] = [];
    client.on("down", (data) => seen.push(data));
    client.watch("linked", ({ transport }) => used.add(transport));
    await time.until(() => client.state === "connected");
    let count = 0;
    for (let turn = 0; turn < 60; turn += 1) {
      for (let burst = random.below(12); burst > 0; burst -= 1) {
        client.emit("up", count);
        hub.emit(hub.only, "down", count);
        count += 1;
      }
      await time.pass(random.below(4_000));
      const dice = random.below(10);
      if (dice < 4) hub.weather[paths[random.below(5)]!] = weathers[random.below(8)]!;
      else if (dice === 4) hub.cutAll();
      else if (dice === 5)
        scene.signal((["retry", "doubt", "freeze", "offline"] as const)[random.below(4)]!);
      else if (dice === 6) time.leap(random.below(100_000));
      else if (dice === 7)
        hub.only.session.unlink([4002, 4003, 4004, 4402][random.below(4)]!, "", time.now);
      if (dice === 5) scene.signal("retry");
    }
    hub.everything = "fine";
    scene.signal("retry");
    try {
      const isDone = (): boolean => seen.length >= count && hub.only.packets.length >= count;
      await time.until(isDone, 600_000);
      await time.pass(5_000);
      const numbers = Array.from({ length: count }, (_, i) => i);
      expect(hub.only.packets.map((packet) => "data" in packet && packet.data)).toEqual(numbers);
      expect(seen).toEqual(numbers);
      expect(scene.errors).toEqual([]);
    } catch (cause) {
      throw new Error(`seed ${seed}: state ${client.state}, ${client.transport}`, { cause });
    }
    client.close();
    await time.pass(10_000);
    expect(scene.watchers, `seed ${seed}: nobody listens any more`).toBe(0);
  }
  expect([...used].sort()).toEqual(["long-polling", "polling", "sse", "stream", "websocket"]);
}, 120_000);
