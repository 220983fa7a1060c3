import { expect, test } from "vitest";
import { setup } from "../support/setup.js";

test("§1 a peer's counts say how far both logs of its session are", async () => {
  const { hub, joined, world } = setup({ limits: { ackEntries: 2 } });
  hub.on("n", () => {});
  const client = await joined();
  const peer = hub.peer(client.session.id ?? "");
  expect(peer?.counts).toEqual({ sent: 0, acknowledged: 0, received: 0 });
  for (let n = 0; n < 3; n += 1) client.emit("n", n);
  client.emitVolatile("n", 3);
  for (let n = 0; n < 3; n += 1) peer?.emit("m", n);
  expect(peer?.counts).toEqual({ sent: 3, acknowledged: 0, received: 0 });
  await world.settle();
  expect(peer?.counts).toEqual({ sent: 3, acknowledged: 2, received: 3 });
  expect(peer?.retained.entries).toBe(1);
});

test("a peer's waits say what is not dealt with yet", async () => {
  const { hub, joined, world } = setup();
  let finish = () => {};
  hub.on("slow", () => new Promise<void>((resolve) => (finish = resolve)));
  const client = await joined();
  const peer = hub.peer(client.session.id ?? "");
  expect(peer?.waits).toEqual({ inbox: 0, requests: 0, streams: 0 });
  for (let n = 0; n < 3; n += 1) client.emit("slow");
  const asked = peer?.request("never", null, { timeoutMs: 1_000 }).catch(() => {});
  const stream = peer?.openStream("numbers");
  await world.settle();
  expect(peer?.waits).toEqual({ inbox: 2, requests: 1, streams: 1 });
  for (let n = 0; n < 3; n += 1) {
    finish();
    await world.settle();
  }
  stream?.cancel();
  await world.pass(1_500);
  await asked;
  expect(peer?.waits).toEqual({ inbox: 0, requests: 0, streams: 0 });
});
