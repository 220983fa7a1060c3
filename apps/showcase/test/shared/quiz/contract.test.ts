import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { quizContract } from "../../../shared/quiz/contract.js";
import { nicknameLengthMax } from "../../../shared/quiz/limits.js";
import { makeSet } from "../../quiz-scene.js";

const { client: schemas } = quizContract;
const token = "0123456789abcdef0123456789abcdef";
const code = "123456";

type Name = Exclude<keyof typeof schemas, "quiz.clock" | "quiz.hosts">;

const valid: readonly { readonly name: Name; readonly data: Record<string, unknown> }[] = [
  { name: "quiz.create", data: { token, set: makeSet(1) } },
  { name: "quiz.host", data: { token } },
  { name: "quiz.advance", data: { token, step: 3 } },
  { name: "quiz.remove", data: { token, player: "p1" } },
  { name: "quiz.end", data: { token } },
  { name: "quiz.scores", data: { token, from: 0 } },
  { name: "quiz.join", data: { code, token, nickname: "Ada" } },
  { name: "quiz.return", data: { code, token } },
  { name: "quiz.answer", data: { code, token, index: 1, answer: 1 } },
  { name: "quiz.leave", data: { code, token } },
];

const wrong: unknown[] = [
  null,
  true,
  -1,
  0.5,
  1e308,
  "x".repeat(100_000),
  [],
  [null],
  {},
  { toString: "x" },
  JSON.parse('{"__proto__":{"polluted":true}}'),
];

const fits = (name: Name, data: unknown) => v.is(schemas[name].data, data);

describe("what a page may say", () => {
  test.each(valid)("$name is accepted as it is", ({ name, data }) => {
    expect(v.parse(schemas[name].data, data)).toEqual(data);
  });

  const fields = valid.flatMap(({ name, data }) =>
    Object.keys(data).map((field) => ({ name, data, field })),
  );
  test.each(fields)("$name: anything wrong as its $field is refused", ({ name, data, field }) => {
    for (const value of wrong) {
      const told = JSON.stringify(value)?.slice(0, 80);
      expect(fits(name, { ...data, [field]: value }), told).toBe(false);
    }
    const rest = Object.entries(data).filter(([other]) => other !== field);
    expect(fits(name, Object.fromEntries(rest)), "left out").toBe(false);
  });

  test("fields that nobody asked for are refused", () => {
    for (const { name, data } of valid) expect(fits(name, { ...data, admin: true })).toBe(false);
  });

  test("a nickname is one visible line of so many characters", () => {
    const join = (nickname: string) =>
      v.safeParse(schemas["quiz.join"].data, { code, token, nickname });
    const nickname = (text: string) => join(text).output as { nickname: string };
    expect(nickname("  Ada \n Lovelace ").nickname).toBe("Ada Lovelace");
    expect(nickname("\u202eevil\u0000\u200b").nickname).toBe("evil");
    expect(join("x".repeat(nicknameLengthMax)).success).toBe(true);
    for (const text of ["", " \t", "\u200b\u202e", "\u0301", "x".repeat(nicknameLengthMax + 1)]) {
      expect(join(text).success, JSON.stringify(text)).toBe(false);
    }
  });
});
