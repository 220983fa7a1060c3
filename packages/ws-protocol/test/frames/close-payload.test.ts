import { describe, expect, test } from "vitest";
import { CLOSE_CODES, isSendableCloseCode } from "../../src/frames/close-code.js";
import { createClosePayload, readClosePayload } from "../../src/frames/close-payload.js";
import { closeBody, utf8 } from "../support/frames.js";
import { createPlatform } from "../support/node-platform.js";
import { forSeeds } from "../support/random.js";

const platform = createPlatform();

/** RFC 6455 §7.4.2 and the registry that §11.7 opens, as ranges. */
function mayBeSent(code: number): boolean {
  const registered = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];
  return registered.includes(code) || (code >= 3000 && code <= 4999);
}

describe("§5.5.1 reading the body of a Close frame", () => {
  test("§7.4 every close code from 0 to 65535 is taken or refused as the RFC and its registry say; codes below 1000 are not used", () => {
    for (let code = 0; code <= 0xffff; code++) {
      const result = readClosePayload(closeBody(code), platform);
      const expected = mayBeSent(code) ? { code, reason: "" } : "close-code-invalid";
      const got = "closeCode" in result ? result.code : result;
      if (JSON.stringify(got) !== JSON.stringify(expected)) expect.fail(`close code ${code}`);
    }
  });

  test("§7.1.5 an empty body reads as 1005", () => {
    expect(readClosePayload(new Uint8Array(0), platform)).toEqual({ code: 1005, reason: "" });
  });

  test("§5.5.1 a body of one byte has no whole status code and fails with 1002", () => {
    for (const byte of [0, 3, 255]) {
      const result = readClosePayload(Uint8Array.of(byte), platform);
      expect(result).toMatchObject({ code: "close-payload-short", closeCode: 1002 });
    }
  });

  test("§5.5.1 a reason that is not UTF-8 fails with 1007", () => {
    for (const bad of [[0xff], [0x80], [0xc3], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]]) {
      const body = closeBody(1000, Uint8Array.from([0x61, ...bad]));
      const result = readClosePayload(body, platform);
      expect(result).toMatchObject({ code: "close-reason-not-utf8", closeCode: 1007 });
    }
  });

  test("§7.1.6 a reason of 123 bytes is read whole", () => {
    const reason = `${"é".repeat(61)}x`;
    const result = readClosePayload(closeBody(4000, reason), platform);
    expect(result).toEqual({ code: 4000, reason });
  });
});

describe("§5.5.1 building the body of a Close frame", () => {
  test("§7.4.1 1005, 1006 and 1015 must not be sent, nor anything that is not an integer", () => {
    for (const code of [1004, 1005, 1006, 1015, 1016, 2999, 5000, 999, 0, -1, 1000.5, 3000.5]) {
      expect(isSendableCloseCode(code), String(code)).toBe(false);
    }
    expect(isSendableCloseCode(Number.NaN)).toBe(false);
    expect(isSendableCloseCode(Number.POSITIVE_INFINITY)).toBe(false);
  });

  test("§7.4.1 the table of close codes agrees with what may be sent", () => {
    for (const { code, onWire } of CLOSE_CODES) expect(isSendableCloseCode(code)).toBe(onWire);
  });

  test("§7.1.5 no code gives an empty body", () => {
    expect(createClosePayload(undefined, "ignored", platform)).toHaveLength(0);
  });

  test("§5.5 a reason is cut to 123 bytes at a character border, at every length and width", () => {
    for (const character of ["a", "é", "€", "😀"]) {
      for (let prefix = 0; prefix < 5; prefix++) {
        for (const count of [0, 1, 29, 30, 31, 40, 41, 42, 60, 61, 62, 121, 122, 123, 124, 500]) {
          const reason = "x".repeat(prefix) + character.repeat(count);
          expectCut(reason);
        }
      }
    }
  });

  test("§5.5 random reasons are cut at a character border", () => {
    forSeeds(200, (random) => expectCut(random.text(1 + random.below(140))));
  });

  test("§5.5.1 a lone surrogate in a reason is sent as U+FFFD", () => {
    expect(createClosePayload(1000, "a\ud800b", platform)).toEqual(closeBody(1000, "a\ufffdb"));
  });
});

function expectCut(reason: string): void {
  const body = createClosePayload(1000, reason, platform);
  expect([body[0], body[1]]).toEqual([3, 232]);
  let expected = "";
  for (const character of reason) {
    if (utf8(expected + character).length > 123) break;
    expected += character;
  }
  expect(Buffer.from(body.subarray(2)).toString()).toBe(expected);
}
