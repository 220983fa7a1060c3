import { jsonCodec, type Packet, quickJsonCodec } from "@tidewire/session-protocol";
import { Random } from "@tidewire/session-protocol/testing";
import { describe, expect, test } from "vitest";
import { samples } from "./samples.js";

const datas = [
  undefined,
  null,
  0,
  -0.5,
  true,
  "",
  '"',
  "\\",
  "plain text",
  "é",
  "a\ud83d\ude00",
  "\u2028\u007f",
  "line\nbreak",
  "\ud800",
  ',"timeoutMs":5}',
  ',"volatile":true}',
  [],
  ["]", { "}": "{" }],
  { a: { b: [1, "x", null] } },
  { volatile: true },
  { timeoutMs: 7 },
  { $binary: "AAAA" },
  Uint8Array.from([1, 2, 255]),
];

const names = ["x", "a longer name", 'with "quotes"', "back\\slash", "ümlaut", "__proto__"];

function packets(): Packet[] {
  const made: Packet[] = [];
  for (const data of datas) {
    const given = data === undefined ? {} : { data };
    for (const name of names) {
      made.push({ type: "event", name, ...given });
      made.push({ type: "event", name, ...given, volatile: true });
      made.push({ type: "event", name, volatile: true, ...given });
      made.push({ type: "event", name, ...given, room: "r", epoch: "e", offset: 3 });
      made.push({ type: "request", id: 0, name, ...given });
      made.push({ type: "request", id: 999_999, name, ...given, timeoutMs: 20_000 });
      made.push({ type: "request", id: 7, name, timeoutMs: 20_000, ...given });
    }
    made.push({ type: "ack", count: 129 });
    made.push({ type: "reply", id: 12, ...given });
    made.push({ type: "failure", id: 12, code: "c", message: "m", ...given });
  }
  const proof = { session: "s".repeat(22), secret: `-_${"k".repeat(41)}` };
  for (const counts of [{}, { position: 0 }, { received: 10 }, { position: 9, received: 10 }]) {
    made.push({ type: "batch", ...proof, link: 1, ...counts });
    made.push({ type: "batch", ...proof, link: 20, ...counts, waitMs: 0 });
  }
  made.push({ type: "batch", ...proof, link: 3, received: 1, position: 2 });
  return made;
}

/** The second time a name is known, which is when the quicker way is taken. */
function decodeTwice(text: string): unknown {
  const first = quickJsonCodec.decode(text);
  expect(quickJsonCodec.decode(text)).toEqual(first);
  return first;
}

describe("the quick JSON codec", () => {
  test("§3.3 reads every packet as the JSON codec does", () => {
    for (const packet of [...samples, ...packets()]) {
      const text = String(jsonCodec.encode(packet));
      expect(decodeTwice(text), text).toEqual(jsonCodec.decode(text));
    }
  });

  test("§3.3 what it writes means the same, and its size is what is on the wire", () => {
    for (const packet of [...samples, ...packets()]) {
      const text = String(quickJsonCodec.encode(packet));
      expect(JSON.parse(text), text).toEqual(JSON.parse(String(jsonCodec.encode(packet))));
      expect(quickJsonCodec.size(text), text).toBe(Buffer.byteLength(text));
      expect(quickJsonCodec.size(`${text} `), text).toBe(Buffer.byteLength(text) + 1);
    }
  });

  test("§4.1 finds the same faults in damaged and odd texts, and takes the same for sound", () => {
    const head = '{"type":"event","name":"x"';
    const ask = '{"type":"request","id":';
    const proof = `"session":"${"s".repeat(22)}","secret":"${"k".repeat(43)}"`;
    const batch = `{"type":"batch",${proof},"link":`;
    for (const text of [
      `${head},"data":1`,
      `${head},"data":}`,
      `${head},"data":1,"data":2}`,
      `${head},"data":1,"name":"y"}`,
      `${head},"data":1,"other":2}`,
      `${head},"data":1,"volatile":false}`,
      `${head},"data":"a" }`,
      `${head},"data":"a"}}`,
      `${head},"data":"a}`,
      `${head},"data":"}`,
      `${head},"data":"\n"}`,
      `${head},"data":"\\u0041"}`,
      `${head},"data":"\\"}`,
      `${head},"data":[1}`,
      `${head},"data": [1] }`,
      `${head},"volatile":true,"data":1,"volatile":true}`,
      `${head},"data":${"[".repeat(63)}${"]".repeat(63)}}`,
      `${head},"data":${"[".repeat(64)}${"]".repeat(64)}}`,
      `${head},"data":${'{"a":'.repeat(100_000)}`,
      `${head}`,
      `${head}}`,
      `{"type":"event","name":"${"n".repeat(128)}","data":1}`,
      `{"type":"event","name":"${"n".repeat(129)}","data":1}`,
      '{"type":"event","name":"","data":1}',
      '{"type":"event","name":"\\u0078","data":1}',
      '{"type":"event","name":"\u0080","data":1}',
      '{"type":"event","name":"',
      '{"type":"ack","count":64}',
      '{"type":"ack","count":}',
      '{"type":"ack","count":064}',
      '{"type":"ack","count":64 }',
      '{"type":"ack","count":64',
      '{"type":"ack","count":6.4}',
      '{"type":"ack","count":9007199254740991}',
      '{"type":"ack","count":9007199254740992}',
      '{"type":"ack","count":64,"more":1}',
      `${batch}1}`,
      `${batch}0}`,
      `${batch}01}`,
      `${batch}1,"received":01}`,
      `${batch}1,"received":9007199254740991}`,
      `${batch}1,"received":9007199254740992}`,
      `${batch}1,"received":1,"received":2}`,
      `${batch}1,"other":1}`,
      `${batch}1}\n`,
      `${batch}1} `,
      `${batch}1}}`,
      `${batch.replace("ss", "s\u0000")}1}`,
      `${batch.replace("ss", "é")}1}`,
      `${batch.replace("s".repeat(22), "s".repeat(21))}1}`,
      `${batch.replace("s".repeat(22), "s".repeat(128))}1}`,
      `${batch.replace("s".repeat(22), "s".repeat(129))}1}`,
      `${ask}01,"name":"x","data":1}`,
      `${ask}-1,"name":"x","data":1}`,
      `${ask}1.5,"name":"x","data":1}`,
      `${ask}1e3,"name":"x","data":1}`,
      `${ask},"name":"x","data":1}`,
      `${ask}9007199254740991,"name":"x","data":1}`,
      `${ask}9007199254740992,"name":"x","data":1}`,
      `${ask}1,"name":"x","data":1,"timeoutMs":-5}`,
      `${ask}1,"name":"x","data":1,"timeoutMs":05}`,
      `${ask}1,"name":"x","data":1,"timeoutMs":}`,
      `${ask}1,"name":"x","data":{"timeoutMs":5}}`,
      `${ask}1,"name":"x","data":[1,"timeoutMs":5}`,
      `${ask}1,"name":"x","data":,"timeoutMs":5}`,
      `${ask}1,"name":"x","data":"","timeoutMs":5}`,
    ]) {
      expect(decodeTwice(text), text.slice(0, 100)).toEqual(jsonCodec.decode(text));
    }
  });

  test("random damage is judged as by the JSON codec", () => {
    const random = new Random(7);
    const texts = packets().map((packet) => String(jsonCodec.encode(packet)));
    const pieces = ['"', "\\", "}", "{", ",", ":", "[", "]", "\n", "0", "e", "é", "", '"data":1,'];
    for (let i = 0; i < 20_000; i += 1) {
      let text = random.pick(texts);
      for (let damage = 1 + random.below(2); damage > 0; damage -= 1) {
        const at = random.below(text.length);
        text = text.slice(0, at) + random.pick(pieces) + text.slice(at + random.below(3));
      }
      expect(quickJsonCodec.decode(text), text).toEqual(jsonCodec.decode(text));
    }
  });

  test("§12.5 ever new names, and those of Object's members, are names like all others", () => {
    for (let i = 0; i < 1_000; i += 1) {
      const name = i % 2 === 0 ? `name ${i}` : "constructor";
      const packet: Packet = { type: "event", name, data: i };
      expect(decodeTwice(String(quickJsonCodec.encode(packet)))).toEqual(packet);
    }
  });
});
