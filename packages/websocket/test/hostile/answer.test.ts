/** Security cases C1 to C11 and C14 as a client meets them: what is wrong with an answer. */
import { describe, expect, it } from "vitest";
import { acceptance, acceptOf } from "../support/raw-server.js";
import { removeSubjectAfterAll } from "./subject/build.js";
import { type Subject, startSubject } from "./subject/subject.js";

const LONG = 1_000_000;
const MIB = 1024 * 1024;

removeSubjectAfterAll();

/** A client whose own bounds let the long lines through, to where they are parsed. */
function startUnbounded(): Promise<Subject> {
  const limits = { headBytesMax: 4 * MIB, lineBytesMax: 4 * MIB, headerLinesMax: 10_000 };
  return startSubject("client", { limits, perMessageDeflate: true, subprotocols: ["b"] });
}

function switching(lines: readonly string[]): string {
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`;
}

function rightLines(request: string): string[] {
  return [
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${acceptOf(request)}`,
  ];
}

describe("an answer that is wrong, sent to a client", () => {
  it("C1 CVE-2024-37890, C14 CVE-2026-65624: 2,100 header lines, wherever they stand", async () => {
    const subject = await startSubject("client");
    for (const filler of [
      Array.from({ length: 2100 }, (_, index) => `x${index}:`),
      Array.from({ length: 2100 }, () => "Set-Cookie:"),
    ]) {
      for (const isFirst of [true, false]) {
        const outcome = await subject.outcomeOf((request) => {
          const right = rightLines(request);
          return switching(isFirst ? [...filler, ...right] : [...right, ...filler]);
        });
        expect(outcome?.code).toBe("handshake-invalid");
      }
    }
    await subject.expectUnharmed();
  });

  it("C1 CVE-2024-37890: every header left out, doubled, and in every order", async () => {
    const subject = await startSubject("client");
    for (let index = 0; index < 3; index++) {
      const without = await subject.outcomeOf((request) =>
        switching(rightLines(request).filter((_, each) => each !== index)),
      );
      expect(["handshake-invalid", "refused-by-server"], `${index}`).toContain(without?.code);
      const accept = await subject.outcomeOf((request) => {
        const lines = rightLines(request);
        return switching([...lines, lines[index]!]);
      });
      // Connection is a list, which may have an element twice.
      if (index === 1) expect(accept).toBeUndefined();
      else expect(accept?.code, `${index}`).toBe("handshake-invalid");
    }
    for (const order of ["012", "021", "102", "120", "201", "210"]) {
      const outcome = await subject.outcomeOf((request) =>
        switching([...order].map((index) => rightLines(request)[Number(index)]!)),
      );
      expect(outcome, order).toBeUndefined();
    }
    await subject.until(({ connections }) => connections === 1);
    await subject.expectUnharmed();
  });

  it.each([
    ["C2 CVE-2021-32640", `Sec-WebSocket-Protocol: b${" ".repeat(LONG)}x`],
    ["C4 CVE-2020-7662: backslashes", `Sec-WebSocket-Extensions: a; b="${"\\".repeat(LONG)}`],
    ["C4 CVE-2020-7663: quotes", `Sec-WebSocket-Extensions: a; b=${'"'.repeat(LONG + 1)}`],
    ["C5 CVE-2023-26103", `Connection: ${", ".repeat(LONG / 2)}x y`],
    ["C5 CVE-2023-26103: blanks", `Upgrade: websocket${" ".repeat(LONG)}x`],
  ])("%s, a million characters, fail the handshake in linear time", async (_, line) => {
    const subject = await startUnbounded();
    const outcome = await subject.outcomeOf((request) => acceptance(request, line));
    expect(outcome?.code).toBe("handshake-invalid");
    await subject.expectUnharmed({ keptMiB: 8 });
  });

  it.each(["constructor", "__proto__", "toString"])(
    "C3 GHSA-5v72-xg48-5rpm: %s as an extension, a parameter and a subprotocol is not what was offered",
    async (name) => {
      const subject = await startSubject("client", {
        perMessageDeflate: true,
        subprotocols: ["chat"],
      });
      for (const line of [
        `Sec-WebSocket-Extensions: ${name}`,
        `Sec-WebSocket-Extensions: permessage-deflate; ${name}=1`,
        `Sec-WebSocket-Protocol: ${name}`,
      ]) {
        const outcome = await subject.outcomeOf((request) => acceptance(request, line));
        expect(outcome?.code, line).toBe("handshake-invalid");
      }
      await subject.expectUnharmed();
    },
  );

  it("C6 CVE-2026-55517: every byte in every header of the answer is survived", async () => {
    const subject = await startSubject("client", { perMessageDeflate: true });
    const names = ["X-Odd", "Upgrade", "Connection", "Sec-WebSocket-Accept"];
    const more = ["Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Set-Cookie", "Location"];
    for (const name of [...names, ...more]) {
      for (let byte = 0; byte < 256; byte++) {
        if (byte === 0x0a || byte === 0x0d) continue;
        const outcome = await subject.outcomeOf((request) => {
          const odd = `${name}: a${String.fromCharCode(byte)}`;
          return switching([odd, ...rightLines(request).filter((line) => !line.startsWith(name))]);
        });
        const codes = [undefined, "handshake-invalid", "refused-by-server", "network"];
        expect(codes, `${name} ${byte}`).toContain(outcome?.code);
      }
    }
    await subject.until(({ connections }) => connections === 1);
    await subject.expectUnharmed();
  });

  it.each([
    ["C7 CVE-2023-43669: a header of 1 MB", "x"],
    ["C8 CVE-2026-54465: header lines without end", "X: 1\r\n"],
    ["C14 CVE-2026-65624: lines of one name without end", "Set-Cookie:\r\n"],
  ])("%s, a byte at a time, is given up early", async (_, part) => {
    const subject = await startSubject("client");
    const { socket, outcome } = await subject.arrival(
      () => "HTTP/1.1 101 Switching Protocols\r\nX: ",
    );
    let over = false;
    void outcome.then(() => {
      over = true;
    });
    let sent = 0;
    while (!over && sent < MIB && !socket.destroyed) {
      const byte = part[sent % part.length]!;
      await new Promise((resolve) => socket.write(byte, resolve));
      // A turn, in which the outcome can be heard of.
      if (++sent % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await outcome)?.code).toBe("handshake-invalid");
    expect(sent).toBeLessThan(64 * 1024);
    await subject.expectUnharmed();
  });

  it("C11 CVE-2022-41940: a reset at every byte of the answer ends in an error", async () => {
    const subject = await startSubject("client");
    const length = acceptance("\r\nSec-WebSocket-Key: x").length;
    for (let count = 0; count < length; count++) {
      const { socket, outcome } = await subject.arrival(() => undefined);
      const head = acceptance("\r\nSec-WebSocket-Key: x");
      socket.write(head.slice(0, count) || "H", () => socket.resetAndDestroy());
      expect(["network", "handshake-invalid"], `${count}`).toContain((await outcome)?.code);
    }
    await subject.expectUnharmed();
  });
});
