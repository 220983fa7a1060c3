import * as v from "valibot";
import { describe, expect, test, vi } from "vitest";
import { ChatServer } from "../../server/chat/chat-server.js";
import { clientMessageSchema } from "../../shared/client-message.js";
import { connectLine } from "../server/chat/testing-line.js";

const id = "0123456789abcdef";
const key = id + id;

const valid = [
  { type: "hello", key, name: "Ada", rooms: ["lobby"] },
  { type: "rename", name: "Ada" },
  { type: "join", room: "lobby" },
  { type: "leave", room: "lobby" },
  { type: "say", id, room: "lobby", text: "hi" },
  { type: "typing", room: "lobby" },
  { type: "ping" },
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

describe("what a page may say", () => {
  test.each(valid)("$type is accepted as it is", (message) => {
    expect(v.parse(clientMessageSchema, message)).toEqual(message);
  });

  const fields = valid.flatMap((message) =>
    Object.keys(message).map((field) => ({ message, field })),
  );
  test.each(fields)(
    "$message.type: anything wrong as its $field is refused",
    ({ message, field }) => {
      for (const value of wrong) {
        // An empty list of rooms is fine: one need not be in any.
        if (field === "rooms" && Array.isArray(value) && value.length === 0) continue;
        expect(
          v.is(clientMessageSchema, { ...message, [field]: value }),
          JSON.stringify(value)?.slice(0, 80),
        ).toBe(false);
      }
      const without = Object.fromEntries(
        Object.entries(message).filter(([name]) => name !== field),
      );
      expect(v.is(clientMessageSchema, without), "left out").toBe(false);
    },
  );

  test("fields that nobody asked for are refused", () => {
    for (const message of valid) {
      expect(v.is(clientMessageSchema, { ...message, admin: true })).toBe(false);
    }
  });

  test("every text gets an answer, and none breaks the server", () => {
    vi.useFakeTimers();
    const chat = new ChatServer();
    const texts = [
      "",
      "not json",
      "{",
      "null",
      "[]",
      '"say"',
      '{"type":"__proto__"}',
      '{"__proto__":{"type":"ping"}}',
      `{"type":"say","id":${"[".repeat(7_000)}${"]".repeat(7_000)}}`,
      `{"type":"${"x".repeat(10_000)}"}`,
      '{"type":"say","id":"\\ud800","room":"lobby","text":"x"}',
      ...wrong.map((value) => JSON.stringify(value)),
    ];
    for (const text of texts) {
      const line = connectLine(chat);
      line.visitor?.receive(text);
      expect(line.received, text.slice(0, 80)).toMatchObject([
        { type: "refused", code: "invalid" },
      ]);
      expect(JSON.stringify(line.received).length).toBeLessThan(500);
    }
    chat.close();
    vi.useRealTimers();
  });
});
