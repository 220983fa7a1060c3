import { describe, expect, test } from "vitest";
import { assertTimings } from "../../src/connection/assert-timings.js";
import { createConnection } from "../support/connections.js";

describe("the times of a connection", () => {
  test.each([
    {},
    { keepalive: {} },
    { keepalive: { pingIntervalMs: 0 } },
    { keepalive: { pingIntervalMs: Number.POSITIVE_INFINITY } },
    { keepalive: { pongDeadlineMs: 1 } },
    { keepalive: { pongDeadlineMs: Number.POSITIVE_INFINITY } },
    { closeTimeoutMs: 0 },
    { closeTimeoutMs: 1 },
  ])("may be %o", (options) => {
    expect(() => assertTimings(options)).not.toThrow();
  });

  test.each([
    [{ keepalive: { pingIntervalMs: -1 } }, "pingIntervalMs"],
    [{ keepalive: { pingIntervalMs: Number.NaN } }, "pingIntervalMs"],
    [{ keepalive: { pingIntervalMs: "5" as unknown as number } }, "pingIntervalMs"],
    [{ keepalive: { pongDeadlineMs: 0 } }, "pongDeadlineMs"],
    [{ keepalive: { pongDeadlineMs: Number.NaN } }, "pongDeadlineMs"],
    [{ closeTimeoutMs: -1 }, "closeTimeoutMs"],
    [{ closeTimeoutMs: Number.NaN }, "closeTimeoutMs"],
    [{ closeTimeoutMs: Number.POSITIVE_INFINITY }, "closeTimeoutMs"],
  ])("may not be %o", (options, name) => {
    expect(() => assertTimings(options)).toThrow(RangeError);
    expect(() => assertTimings(options)).toThrow(`${name} must be`);
    // A deadline that is no number never passes: such a connection would never end.
    expect(() => createConnection("server", options)).toThrow(`${name} must be`);
  });

  test("are no objects of another kind", () => {
    const keepalive = false as unknown as object;
    expect(() => assertTimings({ keepalive })).toThrow("to turn it off write");
  });
});
