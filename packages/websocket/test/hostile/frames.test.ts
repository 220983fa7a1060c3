/** Security cases A15, A18, A19 and A20: frames that come too early, too often, or should not be. */
import { describe, expect, it } from "vitest";
import { headOf, KEY } from "../server/raw-client.js";
import { frame, repeat } from "./peer.js";
import { removeSubjectAfterAll } from "./subject/build.js";
import { FULL, ROLES, startSubject } from "./subject/subject.js";

const PROTOCOL_ERROR = 1002;
const PING = 0x89;
const CLOSE = 0x88;

removeSubjectAfterAll();

describe("A15 CVE-2026-54466, CVE-2026-54463: the drafts before RFC 6455", () => {
  const KEYS = [
    "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5",
    "Sec-WebSocket-Key2: 12998 5 Y3 1  .P00",
  ];
  const COMMON = ["Host: localhost", "Upgrade: WebSocket", "Connection: Upgrade"];

  it.each([
    ["hixie-75", headOf("GET / HTTP/1.1", COMMON)],
    ["hixie-76", `${headOf("GET / HTTP/1.1", [...COMMON, ...KEYS])}^n:ds[4U`],
    ...[0, 4, 7, 8, 12, 14, 255].map((version): [string, string] => [
      `version ${version}`,
      headOf("GET / HTTP/1.1", [
        ...COMMON,
        `Sec-WebSocket-Key: ${KEY}`,
        `Sec-WebSocket-Version: ${version}`,
      ]),
    ]),
  ])("a server refuses %s with 426, and takes none of its frames", async (_, head) => {
    const subject = await startSubject("server");
    // A length in base 128 that never ends, and a text as the drafts have it.
    const draft = Buffer.concat([Buffer.from(head), Buffer.from("\0text\xff\x80", "latin1")]);
    expect(await subject.statusOf(Buffer.concat([draft, Buffer.alloc(100_000, 0xff)]))).toBe(426);
    expect((await subject.expectUnharmed()).messages).toBe(subject.warmMessages + 1);
  });

  it("a client takes no draft for an answer", async () => {
    const subject = await startSubject("client");
    const outcome = await subject.outcomeOf(
      () =>
        "HTTP/1.1 101 WebSocket Protocol Handshake\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n" +
        "Sec-WebSocket-Origin: http://localhost\r\nSec-WebSocket-Location: ws://localhost/\r\n\r\n" +
        `8jKS'y:G*Co,Wxa-${"\x80\xff".repeat(1000)}`,
    );
    expect(outcome).toEqual({ code: "handshake-invalid", fault: "accept-invalid" });
    await subject.expectUnharmed();
  });
});

describe.each(ROLES)("frames that should not be, sent to a %s", (role) => {
  it("A18 CVE-2022-21676: every first byte, in one packet with the handshake", async () => {
    const by = role === "server" ? "client" : "server";
    const subject = await startSubject(role);
    for (let first = 0; first < 256; first++) {
      const opcode = first & 0x0f;
      const isKnown = [0x1, 0x2, 0x8, 0x9, 0xa].includes(opcode);
      const isLegal = (first & 0x70) === 0 && isKnown && (first >= 0x80 || opcode < 8);
      const peer = await subject.attack({ together: frame(by, first, "") });
      if (!isLegal) {
        expect(await subject.race(peer.closed), `${first}`).toBe(PROTOCOL_ERROR);
      } else if (opcode === 8) {
        expect(await subject.race(peer.closed), `${first}`).toBe(1005);
      } else if (opcode === 9) {
        expect((await subject.race(peer.next())).first).toBe(0x8a);
      } else if (first === 0x81 || first === 0x82) {
        expect((await subject.race(peer.next())).first).toBe(first);
      }
      peer.leave();
    }
    await subject.until(({ connections }) => connections === 1);
    await subject.expectUnharmed();
  });

  it.each([
    ["text", 0xc1],
    ["binary", 0xc2],
    ["the first of fragments", 0x41],
    ["a continuation", 0xc0],
    ["a Close", 0xc8],
    ["a ping", 0xc9],
    ["a pong", 0xca],
  ])("A19 GHSA-mq44-7p77-q5h7: RSV1 on %s, with no extension negotiated", async (_, first) => {
    const subject = await startSubject(role);
    const peer = await subject.attack();
    if (first === 0xc0) await peer.write(peer.frame(0x01, "begun"));
    await peer.write(peer.frame(first, Buffer.from([0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])));
    expect(await subject.race(peer.closed)).toBe(PROTOCOL_ERROR);
    await subject.expectFaults("reserved-bits");
    const { messages } = await subject.expectUnharmed();
    expect(messages).toBe(subject.warmMessages + 1);
  });
});

describe.each(ROLES)("replies that nobody reads, asked of a %s", (role) => {
  const pings = FULL ? 1_000_000 : 300_000;

  it(`A20 GHSA-9fm3-97px-rjf6: ${pings} pings, none of whose pongs are read`, async () => {
    const subject = await startSubject(role);
    const peer = await subject.attack();
    peer.socket.pause();
    const batch = repeat(peer.frame(PING, Buffer.alloc(125, 0x70)), 1000);
    await subject.race(peer.flood(batch, pings / 1000));
    await peer.write(peer.frame(PING, "the last"));
    // Nothing is lost of others, and the pongs that wait are few.
    await subject.expectUnharmed();
    peer.socket.resume();
    let received = 0;
    for (;;) {
      const { first, payload } = await subject.race(peer.next());
      expect(first).toBe(0x8a);
      received++;
      if (payload.toString() === "the last") break;
    }
    expect(received).toBeLessThan(pings);
    await subject.race(peer.echo("and on it goes"));
    await subject.expectUnharmed();
  });

  it("A20 GHSA-9fm3-97px-rjf6: 100,000 Close frames get one answer", async () => {
    const subject = await startSubject(role);
    const peer = await subject.attack();
    peer.socket.pause();
    const close = peer.frame(CLOSE, Buffer.concat([Buffer.of(0x03, 0xe8), Buffer.alloc(123, 97)]));
    await subject.race(peer.flood(repeat(close, 1000), 100));
    let bytes = 0;
    peer.socket.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
    });
    peer.socket.resume();
    await subject.race(peer.gone);
    await subject.until(({ connections }) => connections === 1);
    expect(bytes).toBeLessThanOrEqual(close.length);
    await subject.expectUnharmed();
  });
});
