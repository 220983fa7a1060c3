import { expect, test } from "vitest";
import { Handling } from "../../src/peers/handling.js";

test("a signal that is looked at before the abort is told of it, with the reason", () => {
  const handling = new Handling({ id: 1, name: "ask", timeoutMs: 1_000 });
  const reasons: unknown[] = [];
  const { signal } = handling;
  signal.addEventListener("abort", () => reasons.push(signal.reason));
  expect(handling.isAborted).toBe(false);
  handling.abort("gone");
  handling.abort("again");
  expect(reasons).toEqual(["gone"]);
  expect(handling.isAborted).toBe(true);
});

test("a signal that is looked at after the abort is aborted already, and stays the same one", () => {
  const handling = new Handling({ id: 1, name: "ask" });
  handling.abort("gone");
  expect(handling.signal.aborted).toBe(true);
  expect(handling.signal.reason).toBe("gone");
  expect(handling.signal).toBe(handling.signal);
});

test("there is one answer, and none after an abort", () => {
  const answered = new Handling({ id: 1, name: "ask" });
  expect([answered.answer(), answered.answer()]).toEqual([true, false]);
  answered.abort("too late");
  expect([answered.isAborted, answered.signal.aborted]).toEqual([false, false]);
  const aborted = new Handling({ id: 2, name: "ask" });
  aborted.abort("gone");
  expect([aborted.answer(), aborted.isOver]).toEqual([false, true]);
});
