import { isFault, jsonCodec, type Packet, readPacket } from "@tidewire/session-protocol";
import { describe, expect, test } from "vitest";
import { samples } from "./samples.js";

const wrong: readonly unknown[] = [
  null,
  true,
  false,
  -1,
  1.5,
  2 ** 53,
  Number.NaN,
  "",
  "x".repeat(20_000),
  "a\u0000b",
  [],
  [1],
  {},
  { length: 1 },
];

/** Wrong values that are right for some fields, by the words of §4. */
const allowed: Record<string, (value: unknown) => boolean> = {
  data: () => true,
  reason: (value) => value === "" || value === "a\u0000b",
  message: (value) => value === "" || value === "a\u0000b",
  agent: (value) => value === "" || value === "a\u0000b",
  token: (value) => value === "" || value === "a\u0000b",
  reconnect: (value) => typeof value === "boolean",
  volatile: (value) => value === true,
  versions: (value) => Array.isArray(value),
};

describe("§4.1 every field, with every JSON type", () => {
  for (const packet of samples) {
    test(packet.type, () => {
      expect(readPacket(packet)).toBe(packet);
      for (const field of Object.keys(packet)) {
        for (const value of wrong) {
          if (field !== "type" && allowed[field]?.(value)) continue;
          const answer = readPacket({ ...packet, [field]: value });
          expect(isFault(answer), `${packet.type}.${field} = ${String(value)}`).toBe(true);
          if (isFault(answer)) {
            expect(answer.closeCode).toBe(4400);
            expect(answer.section).toMatch(/^\d/);
            expect(answer.detail).not.toBe("");
          }
        }
      }
    });
  }
});

test("§4.2 a field that is not optional must be there", () => {
  for (const packet of samples) {
    for (const field of required[packet.type] ?? []) {
      const { [field]: _, ...rest } = packet as unknown as Record<string, unknown>;
      expect(isFault(readPacket(rest)), `${packet.type} without ${field}`).toBe(true);
    }
  }
});

const required: Partial<Record<Packet["type"], readonly string[]>> = {
  hello: ["version", "link"],
  welcome: ["answer", "session", "link", "received", "position", "limits"],
  ack: ["count"],
  ping: ["id"],
  pong: ["id"],
  token: ["token"],
  bye: ["code", "reason"],
  batch: ["session", "secret", "link"],
  event: ["name"],
  request: ["id", "name"],
  reply: ["id"],
  failure: ["id", "code", "message"],
  abort: ["id"],
  open: ["stream", "name", "credit"],
  data: ["stream"],
  credit: ["stream", "credit"],
  end: ["stream"],
  cancel: ["stream", "code", "message"],
};

test("§4.1 what is not a packet is refused", () => {
  for (const value of [null, 1, "event", [], [{ type: "event" }], {}, { type: "constructor" }]) {
    expect(isFault(readPacket(value))).toBe(true);
  }
  for (const type of ["__proto__", "toString", "hasOwnProperty", "", "EVENT", 1, null, ["event"]]) {
    expect(isFault(readPacket({ type, name: "x" }))).toBe(true);
  }
});

test("§4.1 unknown fields are ignored", () => {
  const packet = jsonCodec.decode('{"type":"ping","id":1,"later":{"x":[1]}}');
  expect(packet).toMatchObject({ type: "ping", id: 1 });
});

test("§5.3 hello names session, secret and received, or none of them", () => {
  const id = "a".repeat(22);
  const base = { type: "hello", version: 1, link: 1 };
  expect(isFault(readPacket({ ...base, session: id }))).toBe(true);
  expect(isFault(readPacket({ ...base, session: id, secret: id }))).toBe(true);
  expect(isFault(readPacket({ ...base, received: 0 }))).toBe(true);
  expect(isFault(readPacket({ ...base, session: id, secret: id, received: 0 }))).toBe(false);
});

test("§12.5 names like __proto__ and error are names like any other", () => {
  for (const name of ["__proto__", "constructor", "error", "newListener", "hasOwnProperty"]) {
    expect(isFault(readPacket({ type: "event", name, room: name }))).toBe(false);
  }
  const packet = jsonCodec.decode('{"type":"event","name":"x","__proto__":{"volatile":true}}');
  expect((packet as { volatile?: unknown }).volatile).toBeUndefined();
  expect(({} as { volatile?: unknown }).volatile).toBeUndefined();
});

test("§4.1 a name has 1 to 128 characters, a code 64, a text 1,024, an id 22 to 128", () => {
  const ok = (packet: object): boolean => !isFault(readPacket(packet));
  expect(ok({ type: "event", name: "n".repeat(128) })).toBe(true);
  expect(ok({ type: "event", name: "n".repeat(129) })).toBe(false);
  expect(ok({ type: "failure", id: 0, code: "c".repeat(64), message: "m".repeat(1024) })).toBe(
    true,
  );
  expect(ok({ type: "failure", id: 0, code: "c".repeat(65), message: "" })).toBe(false);
  expect(ok({ type: "failure", id: 0, code: "c", message: "m".repeat(1025) })).toBe(false);
  const batch = (id: string): object => ({ type: "batch", session: id, secret: id, link: 1 });
  expect(ok(batch("i".repeat(21)))).toBe(false);
  expect(ok(batch("i".repeat(22)))).toBe(true);
  expect(ok(batch("i".repeat(128)))).toBe(true);
  expect(ok(batch("i".repeat(129)))).toBe(false);
  expect(ok(batch(`${"i".repeat(22)}/`))).toBe(false);
  expect(ok(batch(`${"i".repeat(22)}\n`))).toBe(false);
  for (const name of ["a\r\nb", "a\u0085b", "\u007f"])
    expect(ok({ type: "event", name })).toBe(false);
});
