import { describe, expect, test } from "vitest";
import { ClockOffset } from "../../../shared/clock-offset.js";
import { fillerOf } from "../../../shared/lab/lab-link.js";
import {
  columns,
  formatCell,
  formatCsv,
  type LabRow,
  makeRow,
} from "../../../shared/lab/lab-row.js";
import { LatencyHistogram } from "../../../shared/lab/latency-histogram.js";

describe("the histogram of latencies", () => {
  test("its percentiles are within two per cent of the sorted values", () => {
    const histogram = new LatencyHistogram();
    const values = Array.from({ length: 10_000 }, (_, at) => 0.05 * 1.001 ** at);
    for (const value of values) histogram.record(value);
    for (const part of [0.01, 0.5, 0.9, 0.99, 0.999, 1]) {
      const exact = values[Math.ceil(part * values.length) - 1]!;
      expect(histogram.percentile(part)! / exact).toBeGreaterThan(0.999);
      expect(histogram.percentile(part)! / exact).toBeLessThan(1.021);
    }
    expect(histogram.maxMs).toBe(values.at(-1));
    expect(histogram.shares().at(-1)!.share).toBe(1);
  });

  test("what is below, above and absent", () => {
    const histogram = new LatencyHistogram();
    expect(histogram.percentile(0.5)).toBeUndefined();
    expect(histogram.shares()).toEqual([]);
    histogram.record(0);
    expect(histogram.percentile(0.5)).toBe(0.01);
    histogram.record(1e9);
    expect(histogram.maxMs).toBe(1e9);
    histogram.clear();
    expect(histogram.count).toBe(0);
  });
});

describe("the offset of the clocks", () => {
  test("is that of the quickest answer, and off by half its round trip at most", () => {
    const clock = new ClockOffset();
    expect(clock.offsetMs).toBeUndefined();
    clock.add(100, 5_090, 140);
    clock.add(200, 5_151, 202);
    clock.add(300, 5_290, 330);
    expect(clock.offsetMs).toBe(4_950);
    expect(clock.errorMs).toBe(1);
  });

  test("an old answer is forgotten: clocks drift", () => {
    const clock = new ClockOffset();
    clock.add(0, 1_000, 0);
    for (let at = 1; at <= 30; at += 1) clock.add(at, at + 1_010, at + 2);
    expect(clock.offsetMs).toBe(1_009);
  });
});

const row: LabRow = {
  transport: "long-polling",
  messages: 1_234,
  p50Ms: 0.2,
  p99Ms: 12.345_67,
  maxMs: 2_500,
  latencyErrorMs: 0.3,
  downPerMessage: 458.04,
  upPerMessage: undefined,
  down: 1_234_567,
  up: 0,
  setup: 1_000,
  requests: 12,
  cpuMicros: 1_234.5,
};

describe("a row", () => {
  test("reads as people write figures; a latency below what is known says so", () => {
    expect(columns.map((column) => formatCell(row, column))).toEqual([
      "1,234",
      "< 0.50 ms",
      "12.3 ms",
      "2.50 s",
      "458 B",
      "–",
      "1.23 MB",
      "0 B",
      "1.0 kB",
      "12",
      "1.23 ms",
    ]);
  });

  test("without messages there is nothing per message", () => {
    const latency = new LatencyHistogram();
    const empty = makeRow({
      transport: "sse",
      latency,
      latencyErrorMs: 0,
      total: undefined,
      setup: undefined,
      window: { up: 10, down: 10, messages: 0 },
      cpuMicros: undefined,
    });
    expect(columns.map((column) => formatCell(empty, column))).toEqual([
      "0",
      ...Array.from({ length: 10 }, () => "–"),
    ]);
  });

  test("as CSV: lines end as RFC 4180 says, every line has every column, nothing is made up", () => {
    const settings = { task: "push", rate: 10, size: 100, pollIntervalMs: 1_000 } as const;
    const text = formatCsv(settings, [row, { ...row, transport: "sse", p50Ms: undefined }]);
    const lines = text.split("\r\n");
    expect(lines.pop()).toBe("");
    expect(lines.map((line) => line.split(",").length)).toEqual([17, 17, 17]);
    const [names, first, second] = lines.map((line) => line.split(","));
    const of = (line: string[] | undefined, name: string) => line?.[names!.indexOf(name)];
    expect(of(first, "transport")).toBe("long-polling");
    expect(of(first, "rate_per_second")).toBe("10");
    expect(of(first, "latency_p99_ms")).toBe("12.346");
    expect(of(first, "bytes_up_per_message")).toBe("");
    expect(of(first, "bytes_up")).toBe("0");
    expect(of(first, "latency_error_ms")).toBe("0.3");
    expect(of(second, "latency_p50_ms")).toBe("");
  });
});

test("the payload is as long as asked", () => {
  for (const size of [0, 1, 45, 46, 8_192]) expect(fillerOf(size).length).toBe(size);
});
