/** Security cases C1 to C11 and C14 as a server meets them: what is wrong with a request. */
import { describe, expect, it } from "vitest";
import { headOf, KEY, requestHead, UPGRADE_LINES } from "../server/raw-client.js";
import { removeSubjectAfterAll } from "./subject/build.js";
import { type Subject, startSubject } from "./subject/subject.js";

/** A quadratic way through this many characters takes 10^12 steps and never ends. */
const LONG = 1_000_000;
const MIB = 1024 * 1024;

removeSubjectAfterAll();

/** A server whose own bounds let the long lines through, to where they are parsed. */
function startUnbounded(): Promise<Subject> {
  const limits = { headBytesMax: 4 * MIB, lineBytesMax: 4 * MIB, headerLinesMax: 10_000 };
  return startSubject("server", { maxHeaderSize: 4 * MIB, limits, subprotocols: ["b"] });
}

function replaced(name: string, line: string): string {
  const lines = ["Host: localhost", ...UPGRADE_LINES];
  return headOf(
    "GET / HTTP/1.1",
    lines.map((each) => (each.startsWith(`${name}:`) ? line : each)),
  );
}

describe("a request that is wrong, sent to a server", () => {
  it.each([
    ["in front of those that count", (filler: string[]) => [...filler, ...UPGRADE_LINES]],
    ["behind them", (filler: string[]) => [...UPGRADE_LINES, ...filler]],
    ["among them", (filler: string[]) => UPGRADE_LINES.flatMap((line) => [line, ...filler])],
  ])("C1 CVE-2024-37890, C14 CVE-2026-65624: 2,100 header lines %s", async (_, arrange) => {
    const subject = await startSubject("server");
    for (const name of ["X", "Host", "Upgrade"]) {
      const filler = Array.from({ length: 2100 }, (_each, index) =>
        name === "X" ? `x${index}:` : `${name}: a`,
      );
      const head = headOf("GET / HTTP/1.1", ["Host: localhost", ...arrange(filler)]);
      expect([400, 431]).toContain(await subject.statusOf(head));
    }
    await subject.expectUnharmed();
  });

  it.each([
    ["in front of those that count", true],
    ["behind them", false],
  ])(
    "C1 CVE-2024-37890: 2,100 header lines of equal and of own names %s, on an HTTP server that exists",
    async (_, first) => {
      const subject = await startUnbounded();
      for (const own of [true, false]) {
        const filler = Array.from({ length: 2100 }, (_each, index) => (own ? `x${index}:` : "x:"));
        const lines = first ? [...filler, ...UPGRADE_LINES] : [...UPGRADE_LINES, ...filler];
        const head = headOf("GET / HTTP/1.1", ["Host: localhost", ...lines]);
        expect(await subject.statusOf(head)).toBe(431);
      }
      await subject.expectUnharmed();
    },
  );

  it.each([
    ["C2 CVE-2021-32640: blanks in a subprotocol", `Sec-WebSocket-Protocol: b${" ".repeat(LONG)}x`],
    ["C2: commas and blanks", `Sec-WebSocket-Protocol: ${", ".repeat(LONG / 2)}b c`],
    ["C4 CVE-2020-7662: backslashes", `Sec-WebSocket-Extensions: a; b="${"\\".repeat(LONG)}`],
    ["C4 CVE-2020-7663: quotes", `Sec-WebSocket-Extensions: a; b=${'"'.repeat(LONG + 1)}`],
    ["C4: escaped quotes", `Sec-WebSocket-Extensions: a; b="${'\\"'.repeat(LONG / 2)}`],
    ["C4: semicolons", `Sec-WebSocket-Extensions: a${"; ".repeat(LONG / 2)}`],
  ])("%s, a million characters of them, are refused in linear time", async (_, line) => {
    const subject = await startUnbounded();
    expect([400, 431]).toContain(await subject.statusOf(requestHead("/", line)));
    await subject.expectUnharmed({ keptMiB: 8 });
  });

  it.each([
    ["Connection", `Connection: Upgrade${" ".repeat(LONG)}x`],
    ["Connection", `Connection: ${", ".repeat(LONG / 2)}x y`],
    ["Connection", `Connection: ${"\t ,".repeat(LONG / 3)}`],
    ["Upgrade", `Upgrade: websocket${" ".repeat(LONG)}x`],
    ["Upgrade", `Upgrade: ${", ".repeat(LONG / 2)}x y`],
  ])(
    "C5 CVE-2023-26103: a million blanks and commas in %s take linear time",
    async (name, line) => {
      const subject = await startUnbounded();
      // Where Node sees no upgrade in it, the request is a plain one.
      expect([200, 400, 426, 431]).toContain(
        await subject.statusOf(replaced(name, `${line}\r\nConnection: close`)),
      );
      await subject.expectUnharmed({ keptMiB: 8 });
    },
  );

  it.each(["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"])(
    "C3 GHSA-5v72-xg48-5rpm: %s as the name of an extension, a parameter and a subprotocol",
    async (name) => {
      const subject = await startSubject("server", {
        perMessageDeflate: true,
        subprotocols: ["chat"],
      });
      for (const line of [
        `Sec-WebSocket-Extensions: ${name}`,
        `Sec-WebSocket-Extensions: ${name}; ${name}=${name}`,
        `Sec-WebSocket-Extensions: permessage-deflate; ${name}`,
        `Sec-WebSocket-Protocol: ${name}`,
        `${name}: ${name}`,
      ]) {
        const socket = subject.dial();
        socket.write(requestHead("/", line));
        const answer = await new Promise<string>((resolve) => {
          socket.once("data", (chunk: Buffer) => resolve(chunk.toString("latin1")));
        });
        expect(answer, line).toMatch(/^HTTP\/1\.1 101 /);
        expect(answer.toLowerCase(), line).not.toMatch(/sec-websocket-(extensions|protocol)/);
        socket.destroy();
      }
      await subject.expectUnharmed();
    },
  );

  it("C6 CVE-2026-55517: every byte in every header is answered", async () => {
    const subject = await startSubject("server", { perMessageDeflate: true, subprotocols: ["b"] });
    const names = ["Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version"];
    const more = ["Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Origin", "Cookie"];
    for (const name of [...names, ...more]) {
      const rest = ["Host: localhost", ...UPGRADE_LINES].filter(
        (line) => !line.startsWith(`${name}:`),
      );
      for (let byte = 0; byte < 256; byte++) {
        // A line that ends there is another request, and would be waited for.
        if (byte === 0x0a || byte === 0x0d) continue;
        const value = name === "Sec-WebSocket-Key" ? KEY : "websocket";
        const head = headOf("GET / HTTP/1.1", [
          `${name}: ${value}${String.fromCharCode(byte)}`,
          ...rest,
          ...(names.slice(1, 3).includes(name) ? ["Connection: close"] : []),
        ]);
        const status = await subject.statusOf(head);
        expect([101, 400, 403, 426], `${name} ${byte}`).toContain(status);
      }
    }
    await subject.expectUnharmed();
  });

  it.each([
    ["C7 CVE-2023-43669: a header of 1 MB", "x"],
    ["C8 CVE-2026-54465: header lines without end", "X: 1\r\n"],
    ["C14 CVE-2026-65624: lines of one name without end", "Cookie:\r\n"],
  ])("%s, a byte at a time, is refused early", async (_, part) => {
    const subject = await startSubject("server");
    const socket = subject.dial();
    const answered = new Promise<string>((resolve) => {
      socket.once("data", (chunk: Buffer) => resolve(chunk.toString("latin1")));
    });
    let status = "";
    void answered.then((answer) => {
      status = answer.split(" ")[1] ?? "";
    });
    socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nX: ");
    let sent = 0;
    while (status === "" && !socket.destroyed && sent < MIB) {
      const byte = part[sent % part.length]!;
      await new Promise((resolve) => socket.write(byte, resolve));
      // A turn, in which an answer can be read.
      if (++sent % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(status).toBe("431");
    // headBytesMax, and what was on its way when the answer came.
    expect(sent).toBeLessThan(64 * 1024);
    await subject.expectUnharmed();
  });

  it("C10 CVE-2020-7693: Upgrade on every method and plain path, with and without a key", async () => {
    const subject = await startSubject("server", { maxHeaderSize: 16 * 1024 });
    for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]) {
      for (const path of [subject.path, "/", "/info", "/a/b/websocket", "//", "/%00"]) {
        for (const lines of [UPGRADE_LINES, UPGRADE_LINES.slice(0, 2)]) {
          const head = headOf(`${method} ${path} HTTP/1.1`, ["Host: localhost", ...lines]);
          expect(await subject.statusOf(head), `${method} ${path}`).toBeGreaterThan(0);
          await subject.expectUnharmed();
        }
      }
    }
  });

  it("C11 CVE-2022-41940: a reset at every byte of a request, while authenticate runs and after", async () => {
    const subject = await startSubject("server", { holdsHandshakes: true });
    const head = requestHead("/");
    for (let length = 0; length <= head.length; length++) {
      const socket = subject.dial();
      await new Promise<void>((resolve) => {
        socket.write(head.slice(0, length) || " ", () => {
          socket.resetAndDestroy();
          resolve();
        });
      });
    }
    subject.admit();
    await subject.until(({ connections }) => connections === 0);
    await subject.expectUnharmed();
  });
});
