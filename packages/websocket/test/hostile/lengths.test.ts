/** Security cases A10 to A14 and A16: lengths that no message has, and messages too long to take. */
import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Peer, repeat } from "./peer.js";
import { removeSubjectAfterAll } from "./subject/build.js";
import { FULL, ROLES, startSubject } from "./subject/subject.js";

const BINARY = 0x82;
const TEXT = 0x81;
const PROTOCOL_ERROR = 1002;
const TOO_BIG = 1009;
const MIB = 1024 * 1024;

removeSubjectAfterAll();

const CASES = "A10 CVE-2026-1528, A12 CVE-2026-43678, A13 CVE-2020-27813";

/** Where sums overflow, precision ends, signs turn. */
const LENGTHS: readonly (readonly [string, bigint, number])[] = [
  ["2^31 - 1", 2n ** 31n - 1n, TOO_BIG],
  ["2^31", 2n ** 31n, TOO_BIG],
  ["2^32 - 1", 2n ** 32n - 1n, TOO_BIG],
  ["2^32", 2n ** 32n, TOO_BIG],
  ["2^53 - 1", 2n ** 53n - 1n, TOO_BIG],
  ["2^53", 2n ** 53n, TOO_BIG],
  ["2^53 + 1", 2n ** 53n + 1n, TOO_BIG],
  ["2^63 - 1", 2n ** 63n - 1n, TOO_BIG],
  ["2^63", 2n ** 63n, PROTOCOL_ERROR],
  ["2^64 - 1", 2n ** 64n - 1n, PROTOCOL_ERROR],
];

describe.each(ROLES)("lengths that no message has, sent to a %s", (role) => {
  it.each([
    ["on a first frame", 0x82, ""],
    ["on a continuation, whose sum would overflow", 0x80, "begun"],
  ])(`${CASES}: %s`, async (_, first, begun) => {
    const subject = await startSubject(role);
    for (const [name, length, code] of LENGTHS) {
      const peer = await subject.attack();
      if (begun !== "") await peer.write(peer.frame(0x02, begun));
      await peer.write(peer.header(first, length));
      await peer.write(Buffer.alloc(64));
      expect(await subject.race(peer.closed), name).toBe(code);
    }
    await subject.expectUnharmed();
  });

  it(`${CASES}: without any limit, lengths beyond what a number counts are refused all the same`, async () => {
    const Unlimited = Number.POSITIVE_INFINITY;
    const subject = await startSubject(role, {
      limits: { messageBytesMax: Unlimited, frameBytesMax: Unlimited },
    });
    for (const [name, length, code] of LENGTHS) {
      const peer = await subject.attack();
      await peer.write(peer.header(BINARY, length));
      await peer.write(Buffer.alloc(64));
      if (length < 2n ** 53n) {
        // It is waited for; nothing tells that it will never come.
        await subject.expectUnharmed();
        peer.leave();
      } else {
        expect(await subject.race(peer.closed), name).toBe(code);
      }
    }
    await subject.expectUnharmed();
  });

  it("A14 CVE-2022-35922: 200 headers that promise a gigabyte of which nothing comes cost nothing", async () => {
    const length = 1024 * MIB;
    const subject = await startSubject(role, { limits: { messageBytesMax: length } });
    const peers: Peer[] = [];
    for (let count = 0; count < 200; count++) {
      const peer = await subject.attack();
      await peer.write(peer.header(count % 2 === 0 ? BINARY : TEXT, length));
      await peer.write(Buffer.of(0x41));
      peers.push(peer);
    }
    await subject.until(({ connections }) => connections >= 201);
    // What 64 KiB for each would come to is 12.5 MiB.
    await subject.expectUnharmed({ keptMiB: 20 });
    for (const peer of peers) peer.leave();
    await subject.until(({ connections }) => connections === 1);
    await subject.expectUnharmed();
  });

  it.each([
    ["in one frame", 256 * MIB],
    ["in frames of 64 KiB", 65_536],
  ])(
    "A16 CVE-2016-10542, CVE-2016-10544: 256 MiB %s are refused before they are assembled",
    async (_, size) => {
      const subject = await startSubject(role);
      const peer = await subject.attack();
      const part = Buffer.alloc(65_536, 0x61);
      let parts = 0;
      await peer.write(peer.header(size === 65_536 ? 0x02 : BINARY, size));
      while (parts < 4096 && !peer.hasClosed) {
        if (size === 65_536 && parts > 0) await peer.write(peer.header(0x00, size));
        await subject.race(peer.write(part));
        parts++;
      }
      expect(await subject.race(peer.closed)).toBe(TOO_BIG);
      // What the kernels of both ends hold comes on top of the limit.
      expect(parts).toBeLessThan(1024);
      await subject.expectUnharmed();
    },
  );

  it("A16 CVE-2016-10542, CVE-2016-10544: 256 MiB, deflated, are refused before they are assembled", async () => {
    const subject = await startSubject(role, { perMessageDeflate: true });
    const lines = ["Sec-WebSocket-Extensions: permessage-deflate"];
    const peer = await subject.attack({ lines });
    const one = deflateRawSync(Buffer.alloc(MIB, 0x61), { finishFlush: 3 });
    await peer.write(peer.frame(0xc1, Buffer.concat([repeat(one, 256), Buffer.of(0)])));
    expect(await subject.race(peer.closed)).toBe(TOO_BIG);
    await subject.expectFaults("inflated-too-big");
    await subject.expectUnharmed();
  });

  it.runIf(FULL)(
    "A16 CVE-2016-10544: text longer than any string, where the limits allow it",
    async () => {
      const length = 600 * MIB;
      const subject = await startSubject(role, { limits: { messageBytesMax: length } });
      const peer = await subject.attack();
      await peer.write(peer.header(TEXT, length));
      const part = Buffer.alloc(MIB, role === "server" ? 0x00 : 0x61);
      await subject.race(peer.flood(part, length / MIB));
      expect(await subject.race(peer.closed)).toBe(TOO_BIG);
      await subject.expectUnharmed({ peakMiB: 2000 });
    },
  );
});

describe("before anybody is known", () => {
  it("A11 CVE-2026-27889: every length waits for authenticate, and is refused behind it", async () => {
    const subject = await startSubject("server", { holdsHandshakes: true });
    const peers = LENGTHS.map(async ([, length, code]) => {
      const header = Buffer.alloc(14);
      header.set([0x82, 0xff]);
      header.writeBigUInt64BE(length, 2);
      const peer = await subject.attack({ together: header });
      return { code, closed: await subject.race(peer.closed) };
    });
    const { faults } = await subject.until(({ waiting }) => waiting === LENGTHS.length);
    expect(faults).toEqual([]);
    subject.admit();
    for (const { code, closed } of await Promise.all(peers)) expect(closed).toBe(code);
    await subject.expectUnharmed();
  });
});
