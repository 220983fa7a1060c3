import { describe, expect, test } from "vitest";
import { parseCores } from "../src/child.js";
import { layerOf, layerTimes } from "../src/profile/layers.js";
import { figuresOf } from "../src/report/figures.js";
import { formatGrowth } from "../src/report/growth.js";
import { formatLeftOut } from "../src/report/left-out.js";
import { formatLosses } from "../src/report/losses.js";
import { formatNumber } from "../src/report/numbers.js";
import { alignColumns, formatResult } from "../src/report/table.js";
import { judge } from "../src/report/targets.js";
import { chooseWorkloads, growth, workloads } from "../src/workloads.js";

const round = (userUs: number, loadShare = 0.5) => ({
  count: 1000,
  perSecond: 1e6 / userUs,
  userUs,
  systemUs: 0,
  loadShare,
});
const result = {
  workload: chooseWorkloads(["W1"])[0]!,
  rows: [
    { name: "tidewire", rounds: [round(5), round(10)] },
    { name: "ws", rounds: [round(10), round(20, 0.95)] },
    { name: "deno", rounds: [undefined, undefined] },
  ],
  remarks: ["deno: it ended."],
};

describe("a table", () => {
  test("has ratios to ws, marks rows whose load was the limit, and says who is missing", () => {
    const text = formatResult(result);
    expect(text).toMatch(/^\| tidewire .* 50 % \| +2\.00 \| 2\.00 – 2\.00 /m);
    expect(text).toMatch(/^\| ws .* 95 % \(!\) .* 1\.30 × better: met \|$/m);
    expect(text).not.toMatch(/^\| deno/m);
    expect(text).toContain("- deno: it ended.");
  });

  test("of memory shows bytes, and no pace", () => {
    const [workload] = chooseWorkloads(["W7"]);
    const rows = [{ name: "ws", rounds: [{ ...round(1, 0.99), bytes: 2048 }] }];
    const [figures] = figuresOf({ workload: workload!, rows, remarks: [] });
    expect(figures).toMatchObject({ cost: { median: 2048 } });
    const text = formatResult({ workload: workload!, rows, remarks: [] });
    expect(text).toContain("KiB per connection");
    expect(text).toMatch(/^\| ws +\| +2\.00 \|/m);
    expect(text).not.toContain("99 %");
  });

  test("of compressed messages shows what an answer took on the wire", () => {
    const [workload] = chooseWorkloads(["W9"]);
    const rounds = [340, 345, 341].map((answerBytes) => ({ ...round(1), answerBytes }));
    const rows = [{ name: "ws", rounds }];
    const text = formatResult({ workload: workload!, rows, remarks: [] });
    expect(text).toMatch(/bytes per answer \|.*\n.*\n\| ws .* 50 % \| +341 \| 1\.00/);
    expect(formatResult(result)).not.toContain("bytes per answer");
  });

  test("lines up names to the left and numbers to the right", () => {
    expect(
      alignColumns([
        ["", "a"],
        ["name", "12345"],
      ]),
    ).toEqual(["|      |     a |", "| ---- | ----: |", "| name | 12345 |"]);
  });

  test.each([
    [0.123, "0.12"],
    [12.34, "12.3"],
    [1234.5, "1,235"],
  ])("writes %d as %s", (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });
});

describe("targets", () => {
  const [w1] = chooseWorkloads(["W1"]);
  const rowsOf = (costs: Readonly<Record<string, number>>) =>
    Object.entries(costs).map(([name, cost]) => ({ name, rounds: [round(cost)] }));

  test("are judged by the ratio of the same rounds, a limit by how far it may be exceeded", () => {
    const rows = rowsOf({ tidewire: 12, ws: 15, "raw-node": 11 });
    expect(judge({ workload: w1!, rows, remarks: [] })).toEqual([
      { aim: "1.30 × better than ws", found: "1.25 ×", met: false, row: "ws", limit: "1.36 ×" },
      { aim: "at most 1.15 × raw-node", found: "1.09 ×", met: true, row: "raw-node", limit: "" },
    ]);
  });

  test("of whole seconds count the whole round", () => {
    const [workload] = chooseWorkloads(["W12a"]);
    const rows = rowsOf({ tidewire: 6000 });
    const [verdict] = judge({ workload: workload!, rows, remarks: [] });
    expect(verdict).toMatchObject({ found: "6.00 s", met: false, row: "tidewire" });
  });

  test("without both rows are not judged", () => {
    expect(judge({ workload: w1!, rows: rowsOf({ tidewire: 1 }), remarks: [] })).toEqual([]);
  });

  test("a rival that is ahead is named, a server that reads no protocol is not", () => {
    const rows = rowsOf({ tidewire: 12, ws: 15, bun: 6, "raw-node": 5 });
    const lines = formatLosses([{ workload: w1!, rows, remarks: [] }]);
    expect(lines).toContain("- W1 echo, 20 B: bun 2.00 ×");
    expect(lines.join("\n")).toMatch(/^- bun: its sockets/m);
    expect(lines.join("\n")).not.toContain("raw-node");
  });
});

describe("growth", () => {
  const measured = (id: string, costs: Readonly<Record<string, number>>) => ({
    workload: chooseWorkloads([id])[0]!,
    rows: Object.entries(costs).map(([name, cost]) => ({
      name,
      rounds: [{ ...round(cost), ...(id.startsWith("HM") ? { bytes: cost * 1024 } : {}) }],
    })),
    remarks: [],
  });

  test("sets the smallest beside the largest, in the order of their sizes", () => {
    const table = formatGrowth([
      measured("HR10000", { tidewire: 6, "socket.io": 9 }),
      measured("HR10", { tidewire: 4, "socket.io": 9 }),
      measured("HM1000", { tidewire: 8 }),
      measured("HM5000", { tidewire: 7 }),
    ]).map((line) => line.replace(/ +/g, " "));
    expect(table.slice(2)).toEqual([
      "| hub: a delivery, by members of the room | tidewire | 10 · 10,000 | 4.00 · 6.00 µs | 1,000 × | 1.50 × |",
      "| hub: a delivery, by members of the room | socket.io | 10 · 10,000 | 9.00 · 9.00 µs | 1,000 × | 1.00 × |",
      "| hub: memory of a session, by sessions | tidewire | 1,000 · 5,000 | 8.00 · 7.00 KiB | 5.00 × | 0.88 × |",
    ]);
  });

  test("of one size, or of what is no family, is not told", () => {
    expect(formatGrowth([measured("HR10", { tidewire: 4 }), measured("W1", {})])).toEqual([]);
  });

  test("a server without one of the sizes is not compared", () => {
    const results = [measured("G10", { tidewire: 4, ws: 5 }), measured("G100", { tidewire: 4 })];
    expect(formatGrowth(results).join("\n")).not.toContain("ws");
  });
});

test("what a run left out is named: rivals, workloads, growth", () => {
  const [w1, ...others] = workloads.map((workload) => ({
    workload,
    rows: [{ name: "ws", rounds: [round(1)] }],
    remarks: [],
  }));
  expect(formatLeftOut(others, ["ws", "bun"])).toEqual(["- This run left out `bun`, W1, growth."]);
  const grown = growth.map((workload) => ({ workload, rows: [], remarks: [] }));
  expect(formatLeftOut([w1!, ...others, ...grown], ["ws"])).toEqual([]);
});

describe("a profile", () => {
  const frame = (url: string, functionName = "f") => ({ functionName, url, lineNumber: 0 });

  test.each([
    ["file:///x/packages/ws-protocol/dist/frames/header.js", "ws-protocol/frames"],
    ["file:///x/packages/websocket/dist/wire.js", "websocket"],
    ["node:internal/streams/writable", "node internals (internal/streams)"],
    ["file:///x/bench/dist/servers/tidewire.js", "the echo handler"],
    ["wasm://wasm/5e1f4a2c", "WebAssembly (masking, deflate of short messages)"],
  ])("%s belongs to %s", (url, layer) => {
    expect(layerOf(frame(url))).toBe(layer);
  });

  test("shares are of the time that was not idle", () => {
    const nodes = [
      { id: 1, callFrame: frame("", "(idle)") },
      { id: 2, callFrame: frame("", "(garbage collector)") },
      { id: 3, callFrame: frame("node:net") },
    ];
    const profile = { nodes, samples: [1, 2, 3], timeDeltas: [1000, 25, 75] };
    expect(layerTimes(profile)).toEqual([
      { name: "node internals (net)", share: 0.75 },
      { name: "garbage collector", share: 0.25 },
    ]);
  });
});

test("cores are read from the kernel's list of ranges", () => {
  expect(parseCores("0-2,5")).toEqual([0, 1, 2, 5]);
  expect(parseCores("3")).toEqual([3]);
  expect(parseCores("")).toEqual([]);
});

test("a workload that there is none of is refused with the list of those there are", () => {
  expect(() => chooseWorkloads(["W99"])).toThrow(/No workload "W99".*W6x/);
  expect(chooseWorkloads(["w6X"])[0]!.id).toBe("W6x");
  expect(chooseWorkloads(["W12*"]).map(({ id }) => id)).toEqual(["W12a", "W12b"]);
});
