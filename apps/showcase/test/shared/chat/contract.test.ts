import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { chatContract } from "../../../shared/chat/contract.js";

const schemas = chatContract.client;
const id = "0123456789abcdef";

type Name = keyof typeof schemas;

const valid: readonly { readonly name: Name; readonly data: Record<string, unknown> }[] = [
  { name: "chat.join", data: { room: "lobby", name: "Ada" } },
  { name: "chat.rename", data: { name: "Ada" } },
  { name: "chat.leave", data: { room: "lobby" } },
  { name: "chat.say", data: { id, room: "lobby", text: "hi" } },
  { name: "chat.typing", data: { room: "lobby" } },
  { name: "chat.seen", data: { room: "lobby", delivered: 1 } },
  { name: "chat.reach", data: { room: "lobby", id } },
];

const wrong: unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  "",
  " ",
  "\u200b",
  "x".repeat(100_000),
  [],
  [null],
  [["lobby"]],
  {},
  { toString: "x" },
  { length: 5 },
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

  test("as a place in a history only a place is accepted", () => {
    const join = { room: "lobby", name: "Ada" };
    expect(fits("chat.join", { ...join, since: { epoch: "e", offset: 3 } })).toBe(true);
    const places = [{}, { epoch: "e" }, { epoch: "e", offset: -1 }, { epoch: "e", offset: 0.5 }];
    for (const since of [...wrong, ...places, { epoch: "e".repeat(129), offset: 1 }]) {
      expect(fits("chat.join", { ...join, since }), JSON.stringify(since).slice(0, 80)).toBe(false);
    }
  });

  test("as a mark only a time is accepted", () => {
    const seen = { room: "lobby", delivered: 2 };
    expect(fits("chat.seen", { ...seen, read: 1 })).toBe(true);
    for (const read of [...wrong, 0.5, Number.POSITIVE_INFINITY, "9"]) {
      expect(fits("chat.seen", { ...seen, read }), JSON.stringify(read)?.slice(0, 80)).toBe(false);
    }
  });

  test("the name of a private conversation stays as it is, and nothing else is one", () => {
    const room = `@${id}+fedcba9876543210`;
    expect(v.parse(schemas["chat.leave"].data, { room })).toEqual({ room });
    expect(v.parse(schemas["chat.leave"].data, { room: ` @${id}` })).toEqual({ room: id });
    expect(fits("chat.leave", { room: ` ${room}` })).toBe(false); // Too long for a room's name.
  });

  test("fields that nobody asked for are refused", () => {
    for (const { name, data } of valid) expect(fits(name, { ...data, admin: true })).toBe(false);
    for (const { name } of valid) {
      for (const value of wrong) expect(fits(name, value)).toBe(false);
    }
  });
});
