import { describe, expect, test } from "vitest";
import { MemoryBackplane } from "../../src/index.js";
import { backplaneContract } from "../../src/testing.js";

describe("MemoryBackplane keeps the contract of the port", () => {
  const cases = backplaneContract(() => {
    const backplane = new MemoryBackplane();
    return { open: () => backplane };
  });
  for (const { title, run } of cases) test(title, run);
});

test("the contract bites: an engine that repeats itself or mixes up case is found", async () => {
  const broken = backplaneContract(
    () => {
      const backplane = new MemoryBackplane();
      return {
        open: () => ({
          connect(node, receiver) {
            const link = backplane.connect(node, receiver);
            return {
              ...link,
              subscribe: (channel) => link.subscribe(channel.toLowerCase()),
              publish: async (channel, message, keep) => {
                await link.publish(channel.toLowerCase(), message, keep);
                return await link.publish(channel.toLowerCase(), message, keep);
              },
            };
          },
        }),
      };
    },
    { patienceMs: 50 },
  );
  const failed = [];
  for (const { title, run } of broken) await run().catch(() => failed.push(title));
  expect(failed.length).toBeGreaterThanOrEqual(5);
});

test("kept logs are bounded: the one used longest ago is forgotten, which a later reader is told", async () => {
  const backplane = new MemoryBackplane({ logsMax: 2 });
  const node = backplane.connect("n", { published() {}, sent() {}, nodeLost() {} });
  const keep = { entries: 10, bytes: 1_000, ageMs: 1_000_000 };
  const first = await node.publish("a", "1", keep);
  await node.publish("b", "1", keep);
  await node.publish("c", "1", keep);
  const page = await node.read("a", first, 10);
  expect(page).toMatchObject({ items: [], complete: false });
  expect(page.position.epoch).not.toBe(first?.epoch);
});
