import { expect, test } from "vitest";
import type { LineCounts } from "../../../../shared/lab/contract.js";
import { ByteRates } from "../../../../web/pages/lab/byte-rates.js";

const counts = (transport: LineCounts["transport"], down: number): LineCounts => ({
  transport,
  total: { up: down / 2, down, requests: 1 },
  setup: { up: 0, down: 0, requests: 1 },
  messages: 1,
});

test("a rate is what both directions grew by, over three seconds at most", () => {
  const rates = new ByteRates();
  expect(rates.table()).toEqual([[], [], [], [], [], []]);
  for (let at = 0; at <= 10; at += 1) rates.add(1_000 + at * 500, [counts("sse", at * at * 100)]);
  expect(rates.seconds()).toEqual([0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5]);
  expect(rates.of("polling").every((rate) => rate === null)).toBe(true);
  const last = rates.of("sse").at(-1);
  // From 4² to 10² hundred bytes down, and half as many up, in three seconds.
  expect(last).toBeCloseTo(((100 - 16) * 100 * 1.5) / 3, 6);
  // At first it is over what there is.
  expect(rates.of("sse")[0]).toBeCloseTo(300, 6);
});

test("it keeps a minute, however long the run, and forgets when told to", () => {
  const rates = new ByteRates();
  for (let at = 0; at < 10_000; at += 1) rates.add(at * 500, [counts("websocket", at)]);
  expect(rates.seconds().length).toBe(125);
  expect(rates.seconds().at(-1)).toBe(4_999.5);
  rates.clear();
  expect(rates.seconds()).toEqual([]);
});

test("two counts at one moment have no rate between them", () => {
  const rates = new ByteRates();
  rates.add(5, [counts("stream", 1)]);
  rates.add(5, [counts("stream", 2)]);
  expect(rates.of("stream")).toEqual([null]);
});
