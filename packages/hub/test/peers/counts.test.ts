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
