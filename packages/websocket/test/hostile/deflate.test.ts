/** Security cases B1 to B9: what inflates to more than it is, and what does not inflate. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { constants, deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { FINAL_BLOCKS_MAX } from "../../src/deflate/deflate-limits.js";
import { createRandom } from "../deflate/session-kit.js";
import { requestHead } from "../server/raw-client.js";
import { acceptance } from "../support/raw-server.js";
import { frame, type Peer, repeat } from "./peer.js";
import { removeSubjectAfterAll } from "./subject/build.js";
import type { SubjectOptions } from "./subject/orders.js";
import { FULL, ROLES, type Role, type Subject, startSubject } from "./subject/subject.js";

const MIB = 1024 * 1024;
const TEXT = 0xc1;
const BINARY = 0xc2;
const TOO_BIG = 1009;
const INVALID_PAYLOAD = 1007;

removeSubjectAfterAll();

const NO_TAKEOVER = "server_no_context_takeover; client_no_context_takeover";

function extensions(parameters = NO_TAKEOVER): string[] {
  return [`Sec-WebSocket-Extensions: permessage-deflate; ${parameters}`];
}

const mebibyte = deflateRawSync(Buffer.alloc(MIB), { finishFlush: constants.Z_FULL_FLUSH });

/** That many mebibytes of zeros as a message. */
function bomb(mebibytes: number): Buffer {
  return Buffer.concat([repeat(mebibyte, mebibytes), Buffer.of(0)]);
}

/** What a message of `text` is on the wire. */
function deflated(text: Uint8Array): Buffer {
  return deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

function startDeflating(role: Role, options: SubjectOptions = {}): Promise<Subject> {
  return startSubject(role, { perMessageDeflate: true, ...options });
}

describe.each(ROLES)("compressed messages, sent to a %s", (role) => {
  const name = role === "client" ? "B1 CVE-2026-1526" : "B2 CVE-2026-39804";

  it.each([6, 100, 1000])(
    `${name}, B4 CVE-2018-1000518: %i MiB of zeros stop at the limit`,
    async (mebibytes) => {
      const subject = await startDeflating(role, {
        limits: { messageBytesMax: 16 * MIB, inflatedBytesMax: MIB },
      });
      const peer = await subject.attack({ lines: extensions() });
      await subject.race(peer.write(peer.frame(BINARY, bomb(mebibytes))));
      expect(await subject.closeCodeOf(peer)).toBe(TOO_BIG);
      await subject.expectFaults("inflated-too-big");
      const { messages } = await subject.expectUnharmed();
      expect(messages).toBe(subject.warmMessages + 1);
    },
  );

  it(`${name}: 20 bombs at once stop at the limit of each`, async () => {
    const subject = await startDeflating(role);
    const peers = await Promise.all(
      Array.from({ length: 20 }, () => subject.attack({ lines: extensions() })),
    );
    const message = peers[0]!.frame(BINARY, bomb(900));
    await subject.race(Promise.all(peers.map((peer) => peer.write(message))));
    for (const peer of peers) expect(await subject.race(peer.closed)).toBe(TOO_BIG);
    await subject.expectUnharmed({ peakMiB: 96 });
  });

  it.each([
    ["on the spot, no context", NO_TAKEOVER, 6, {}],
    ["in the pool, no context", NO_TAKEOVER, 100, {}],
    ["in the pool only", NO_TAKEOVER, 6, { syncBytesMax: 0 }],
    ["in fragments", NO_TAKEOVER, 100, { fragments: true }],
    ["on the spot, with context", "server_max_window_bits=15", 6, {}],
    ["in the pool, with context", "server_max_window_bits=15", 100, {}],
    ["with a window of 9 bits", "server_max_window_bits=9", 6, {}],
  ])(
    "B5 CVE-2026-116579: the limit holds on every way through the codec: %s",
    async (_, parameters, mebibytes, { fragments = false, ...options }: CodecOptions) => {
      const subject = await startDeflating(role, { perMessageDeflate: options });
      const peer = await subject.attack({ lines: extensions(parameters) });
      const bytes = bomb(mebibytes);
      if (!fragments) await peer.write(peer.frame(BINARY, bytes));
      else {
        await peer.write(peer.frame(0x42, bytes.subarray(0, 1000)));
        for (let start = 1000; start < bytes.length; start += 1000) {
          await peer.write(peer.frame(0x00, bytes.subarray(start, start + 1000)));
        }
        await peer.write(peer.frame(0x80));
      }
      expect(await subject.race(peer.closed)).toBe(TOO_BIG);
      await subject.expectFaults("inflated-too-big");
      await subject.expectUnharmed();
    },
  );

  it("B6 CVE-2026-128131: 200,000 empty blocks, in one frame and in fragments, are an empty message", async () => {
    const subject = await startDeflating(role);
    const peer = await subject.attack({ lines: extensions() });
    const empty = Buffer.from([0x00, 0x00, 0x00, 0xff, 0xff]);
    await peer.write(peer.frame(BINARY, Buffer.concat([repeat(empty, 200_000), Buffer.of(0)])));
    expect((await subject.race(peer.next())).payload).toHaveLength(0);
    await peer.write(peer.frame(0x42, empty));
    await peer.write(repeat(peer.frame(0x00, empty), 16_000));
    await peer.write(peer.frame(0x80, Buffer.of(0)));
    expect((await subject.race(peer.next())).payload).toHaveLength(0);
    await subject.expectUnharmed();
  });

  it("B6 CVE-2026-128131: final blocks beyond their bound, each a stream of its own, are refused", async () => {
    const subject = await startDeflating(role);
    const final = deflateRawSync(Buffer.alloc(0));
    const allowed = await subject.attack({ lines: extensions() });
    const most = Buffer.concat([repeat(final, FINAL_BLOCKS_MAX), Buffer.of(0)]);
    await allowed.write(allowed.frame(BINARY, most));
    expect((await subject.race(allowed.next())).payload).toHaveLength(0);
    const peer = await subject.attack({ lines: extensions() });
    await peer.write(peer.frame(BINARY, Buffer.concat([repeat(final, 200_000), Buffer.of(0)])));
    expect(await subject.race(peer.closed)).toBe(INVALID_PAYLOAD);
    await subject.expectUnharmed();
  });

  it("B8 CVE-2026-29035: corrupt and cut streams fail with 1007, or are some message", async () => {
    const subject = await startDeflating(role);
    const random = createRandom(2026);
    const words = Array.from({ length: 600 }, () => Math.floor(random() * 1e6).toString(36));
    const valid = deflated(Buffer.from(words.join(" ")));
    const codes = new Map<number, number>();
    for (let round = 0; round < 200; round++) {
      const peer = await subject.attack({ lines: extensions() });
      let bytes = Buffer.from(valid);
      for (let changes = 0; changes < 3; changes++) {
        bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      }
      if (round % 4 === 0) bytes = bytes.subarray(0, Math.floor(random() * bytes.length));
      await peer.write(Buffer.concat([peer.frame(TEXT, bytes), peer.frame(0x88)]));
      const code = await subject.race(peer.closed);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect([...codes.keys()].every((code) => [1005, 1007, 1009].includes(code))).toBe(true);
    expect(codes.get(INVALID_PAYLOAD)).toBeGreaterThan(50);
    await subject.expectUnharmed();
  });

  const crowd = FULL ? 4000 : 200;
  it(`B9 nodejs/node#8871, ws#1202: bursts of ${crowd} connections reach a plateau of memory`, async () => {
    const subject = await startDeflating(role);
    const peers: Peer[] = [];
    for (let count = 0; count < crowd; count++) {
      peers.push(await subject.attack({ lines: extensions("server_max_window_bits=15") }));
    }
    const message = deflated(Buffer.alloc(60_000, "round and round "));
    const burst = async (): Promise<number> => {
      const before = (await subject.measure()).messages;
      for (const peer of peers) void peer.write(repeat(peer.frame(TEXT, message), 5));
      await subject.until(({ messages }) => messages >= before + 5 * crowd);
      return (await subject.measure()).rssPeakBytes;
    };
    const first = await burst();
    let last = first;
    for (let count = 0; count < 4; count++) last = await burst();
    expect((last - first) / MIB).toBeLessThan(48);
    // A window of 32 KiB for each, and what is on its way.
    await subject.expectUnharmed({ peakMiB: 96 + crowd / 16, keptMiB: 8 + crowd / 16 });
  });
});

interface CodecOptions {
  readonly syncBytesMax?: number;
  readonly fragments?: boolean;
}

describe("before anybody is known", () => {
  it("B3 CVE-2026-27571, CVE-2026-33219: 200 bombs behind their requests wait in 150 KiB each", async () => {
    const subject = await startSubject("server", {
      perMessageDeflate: true,
      holdsHandshakes: true,
    });
    const message = frame("client", BINARY, bomb(300));
    const head = Buffer.from(requestHead("/", ...extensions()));
    for (let count = 0; count < 200; count++) {
      const socket = subject.dial();
      socket.on("data", () => socket.end());
      socket.write(Buffer.concat([head, message]));
    }
    const { faults } = await subject.until(({ waiting }) => waiting === 200);
    expect(faults).toEqual([]);
    await subject.expectUnharmed({ keptMiB: 30 });
    subject.admit();
    const after = await subject.until((now) => now.faults.length === 200);
    expect(new Set(after.faults)).toEqual(new Set(["inflated-too-big"]));
    // Once admitted each may have its message of 300 KiB, and what it has inflated to so far.
    await subject.expectUnharmed({ peakMiB: 224 });
  });
});

describe("B5 CVE-2026-116579", () => {
  it("zlib is reached through src/deflate alone", () => {
    const root = fileURLToPath(new URL("../../src/", import.meta.url));
    const files = readdirSync(root, { recursive: true }).map(String);
    const users = files.filter(
      (file) => file.endsWith(".ts") && readFileSync(root + file, "utf8").includes('"node:zlib"'),
    );
    expect(users.length).toBeGreaterThan(0);
    expect(users.filter((file) => !/^deflate[/\\]/.test(file))).toEqual([]);
  });
});

/** Of the parameters of RFC 7692 §7.1, what nobody may send. */
const BAD_PARAMETERS = [
  ...["0", "7", "16", "99", '""', "08", '"08"', "-1", "1e1", "15.0", "0x0f", "256"].flatMap(
    (bits) => [`server_max_window_bits=${bits}`, `client_max_window_bits=${bits}`],
  ),
  "server_max_window_bits",
  "server_max_window_bits=10; server_max_window_bits=10",
  "client_max_window_bits=10; client_max_window_bits=10",
  "server_no_context_takeover; server_no_context_takeover",
  "client_no_context_takeover=1",
  "server_no_context_takeover=true",
  "unknown",
  "__proto__=1",
  "constructor",
];

describe("B7 CVE-2026-2229: parameters that nobody may send", () => {
  it("a server does without the extension, or refuses with 400", async () => {
    const subject = await startSubject("server", { perMessageDeflate: true });
    for (const parameters of BAD_PARAMETERS) {
      const socket = subject.dial();
      socket.write(requestHead("/", ...extensions(parameters)));
      const head = await new Promise<string>((resolve) => {
        socket.once("data", (chunk: Buffer) => resolve(chunk.toString("latin1")));
      });
      expect(head, parameters).toMatch(/^HTTP\/1\.1 (101|400) /);
      expect(head, parameters).not.toMatch(/permessage-deflate;?/);
      socket.destroy();
    }
    await subject.expectUnharmed();
  });

  it("a client fails the handshake", async () => {
    const subject = await startSubject("client", { perMessageDeflate: true });
    for (const parameters of BAD_PARAMETERS) {
      const outcome = await subject.outcomeOf((request) =>
        acceptance(request, ...extensions(parameters)),
      );
      expect(outcome?.code, parameters).toBe("handshake-invalid");
    }
    await subject.expectUnharmed();
  });
});
