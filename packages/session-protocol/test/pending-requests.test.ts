import { type Failure, PendingRequests, type Reply } from "@tidewire/session-protocol";
import { expect, test } from "vitest";

function table(max = 3): {
  pending: PendingRequests;
  answers: (Reply | Failure)[];
  open(now: number, timeoutMs: number, id?: number): number | undefined;
} {
  const pending = new PendingRequests(max);
  const answers: (Reply | Failure)[] = [];
  return {
    pending,
    answers,
    open: (now, timeoutMs, id) =>
      pending.open(now, timeoutMs, (answer) => answers.push(answer), id),
  };
}

test("§8.2 each request is settled once; late and repeated answers are ignored", () => {
  const { pending, answers, open } = table();
  const id = open(0, 100)!;
  expect(pending.settle({ type: "reply", id, data: 1 })).toBe(true);
  expect(pending.settle({ type: "reply", id, data: 2 })).toBe(false);
  expect(pending.settle({ type: "reply", id: 99 })).toBe(false);
  expect(answers).toEqual([{ type: "reply", id, data: 1 }]);
});

test("§8.2 a request times out at its deadline, and its id is told for the abort", () => {
  const { pending, answers, open } = table();
  const late = open(0, 200)!;
  const soon = open(0, 100)!;
  expect(pending.nextTickAt).toBe(100);
  expect(pending.tick(99)).toEqual([]);
  expect(pending.tick(100)).toEqual([soon]);
  expect(answers).toMatchObject([{ type: "failure", id: soon, code: "timeout" }]);
  expect(pending.nextTickAt).toBe(200);
  expect(pending.cancel(late)).toBe(true);
  expect(pending.tick(300)).toEqual([]);
  expect(pending.nextTickAt).toBe(Number.POSITIVE_INFINITY);
});

test("§9 limits.requests are pending at once, one more is refused", () => {
  const { pending, open } = table(2);
  expect([open(0, 1), open(0, 1), open(0, 1)]).toEqual([1, 2, undefined]);
  pending.cancel(1);
  expect(open(0, 1, 2)).toBeUndefined();
  expect(open(0, 1, 9)).toBe(9);
});

test("§5.7 a gap fails what the server had received, and leaves the rest", () => {
  const { pending, answers, open } = table();
  for (const position of [4, 5]) pending.sentAt(open(0, 1e9)!, position);
  open(0, Number.POSITIVE_INFINITY);
  pending.failBelow(5, "gap", "entries were lost");
  expect(answers).toMatchObject([{ id: 1, code: "gap" }]);
  pending.failAll("lost", "the session is over");
  expect(answers.map((answer) => answer.id)).toEqual([1, 2, 3]);
  expect(pending.size).toBe(0);
});
