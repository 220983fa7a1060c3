/** Security cases A1 to A9: messages in too many, too small or endless parts. */
import { describe, expect, it } from "vitest";
import { type Peer, repeat } from "./peer.js";
import { removeSubjectAfterAll } from "./subject/build.js";
import { FULL, ROLES, startSubject } from "./subject/subject.js";

const TEXT = 0x01;
const BINARY = 0x02;
const CONTINUATION = 0x00;
const LAST = 0x80;
const POLICY_VIOLATION = 1008;
const TOO_BIG = 1009;
const PIECES_MAX = 16_384;

removeSubjectAfterAll();

/** Small frames are written this many at a time. */
const BATCH = 20_000;

async function sendFragments(peer: Peer, payload: string, count: number): Promise<void> {
  const one = peer.frame(CONTINUATION, payload);
  await peer.flood(repeat(one, BATCH), Math.floor(count / BATCH));
  await peer.flood(repeat(one, count % BATCH), 1);
}

describe.each(ROLES)("fragments without measure, sent to a %s", (role) => {
  const count = 1_000_000;

  it(`A1 CVE-2026-48779, A4 CVE-2026-12151: ${count} fragments of one byte cost a small multiple of their bytes`, async () => {
    const subject = await startSubject(role, {
      limits: { messagePiecesMax: 2 * count, messageBytesMax: 2 * count },
    });
    const peer = await subject.attack();
    await peer.write(peer.frame(BINARY));
    await subject.race(sendFragments(peer, "x", count));
    // All but the last: this is what an attacker leaves behind.
    await subject.race(peer.echoControl());
    const held = await subject.expectUnharmed();
    await peer.write(peer.frame(LAST, "x"));
    const { messageBytes } = await subject.until(({ messages }) => messages > held.messages);
    expect(messageBytes).toBeGreaterThan(count);
    await subject.expectUnharmed();
  });

  it("A1 CVE-2026-48779: the same fragments end at messagePiecesMax by default", async () => {
    const subject = await startSubject(role);
    const peer = await subject.attack();
    await peer.write(peer.frame(TEXT));
    await subject.race(sendFragments(peer, "x", count));
    expect(await subject.race(peer.closed)).toBe(POLICY_VIOLATION);
    await subject.expectFaults("too-many-pieces");
    await subject.expectUnharmed();
  });

  it("A2 CVE-2026-62389: 40 connections, 130,000 fragments each, never the last", async () => {
    const subject = await startSubject(role);
    const peers = await Promise.all(Array.from({ length: 40 }, () => subject.attack()));
    await subject.race(
      Promise.all(
        peers.map(async (peer) => {
          await peer.write(peer.frame(BINARY));
          await sendFragments(peer, "x", PIECES_MAX - 1);
          await peer.echoControl();
        }),
      ),
    );
    // Nobody has exceeded the limit yet, and everybody keeps what is allowed.
    const held = await subject.expectUnharmed({ keptMiB: 8 });
    expect(held.faults).toEqual([]);
    await subject.race(
      Promise.all(peers.map((peer) => sendFragments(peer, "x", 130_000 - PIECES_MAX))),
    );
    const codes = await subject.race(Promise.all(peers.map(({ closed }) => closed)));
    expect(codes).toEqual(peers.map(() => POLICY_VIOLATION));
    await subject.expectUnharmed();
  });

  const empty = FULL ? 10_000_000 : 1_000_000;
  it(`A3 ws#2329, A4 CVE-2026-12151: up to ${empty} empty fragments are counted`, async () => {
    const subject = await startSubject(role);
    const peer = await subject.attack();
    await peer.write(peer.frame(BINARY));
    await subject.race(sendFragments(peer, "", empty));
    expect(await subject.race(peer.closed)).toBe(POLICY_VIOLATION);
    await subject.expectFaults("too-many-pieces");
    await subject.expectUnharmed();
  });

  it("A3 ws#2329: empty fragments cost no memory where their number is allowed", async () => {
    const subject = await startSubject(role, { limits: { messagePiecesMax: 2 * empty } });
    const peer = await subject.attack();
    await peer.write(peer.frame(BINARY));
    await subject.race(sendFragments(peer, "", empty));
    await subject.race(peer.echoControl());
    await subject.expectUnharmed({ keptMiB: 3 });
  });

  it.each([
    ["A5 CVE-2026-9675", 65_536],
    ["A6 GHSA-pf94-94m9-536p", 1000],
    ["A8 CVE-2026-63495", 1024 * 1024],
  ])("%s: endless fragments of %i bytes, each allowed, end with their sum", async (_, size) => {
    const subject = await startSubject(role, { limits: { frameBytesMax: 1024 * 1024 } });
    const peer = await subject.attack();
    const payload = Buffer.alloc(size, 0x78);
    await peer.write(peer.frame(BINARY, payload));
    const one = peer.frame(CONTINUATION, payload);
    await subject.race(peer.flood(repeat(one, Math.ceil(65_536 / size)), 10_000));
    expect(await subject.race(peer.closed)).toBe(TOO_BIG);
    await subject.expectFaults("message-too-big");
    await subject.expectUnharmed();
  });

  it("A7 CVE-2026-65623: a message of a million fragments takes linear time", async () => {
    // Were the message measured again with each of them, this would be 10^12 steps.
    const pieces = 1_000_000;
    const subject = await startSubject(role, {
      limits: { messagePiecesMax: pieces + 2, messageBytesMax: pieces + 2 },
    });
    const peer = await subject.attack();
    await peer.write(peer.frame(BINARY));
    await subject.race(sendFragments(peer, "x", pieces));
    await peer.write(peer.frame(LAST, "x"));
    const { messageBytes } = await subject.until(({ messages }) => messages > subject.warmMessages);
    expect(messageBytes).toBeGreaterThan(pieces);
    await subject.expectUnharmed();
  });

  const single = FULL ? 1_000_000 : 20_000;
  it(`A9 CVE-2026-123817, A1: a frame of 16 MiB, ${single} times one byte per write`, async () => {
    const subject = await startSubject(role, { limits: { messageBytesMax: 16 * 1024 * 1024 } });
    const peer = await subject.attack();
    await peer.write(peer.header(LAST | BINARY, 16 * 1024 * 1024));
    const one = Buffer.from("x");
    await subject.race(peer.flood(one, single));
    await subject.expectUnharmed();
    await subject.race(peer.write(Buffer.alloc(16 * 1024 * 1024 - single, 0x78)));
    await subject.until(({ messages }) => messages > subject.warmMessages);
    await subject.expectUnharmed({ peakMiB: 120 });
  });
});
