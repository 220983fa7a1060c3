import { describe, expect, test } from "vitest";
import { Keepalive, KeepaliveAction } from "../../src/connection/keepalive.js";
import { createConnection, describeFrame, takeFrames } from "../support/connections.js";
import { frameTo, hex, ROLES } from "../support/frames.js";
import { forSeeds } from "../support/random.js";

const OPTIONS = { pingIntervalMs: 100, pongDeadlineMs: 40 };

describe.each(ROLES)("keepalive at a %s", (role) => {
  const create = (keepalive: { pingIntervalMs: number; pongDeadlineMs: number } = OPTIONS) =>
    createConnection(role, { keepalive });
  const pong = (payload: Uint8Array) => frameTo(role, { opcode: 10, payload });
  const pings = (connection: Parameters<typeof takeFrames>[0]) =>
    takeFrames(connection).map(describeFrame);

  test("§5.5.2 a silent peer is pinged after pingIntervalMs and given up pongDeadlineMs later", () => {
    const { connection, listener } = create();
    expect(connection.nextTickAt).toBe(100);
    connection.tick(99);
    expect(connection.hasOutput).toBe(false);
    connection.tick(100);
    expect(pings(connection)).toEqual(["ping 00000001"]);
    expect(connection.nextTickAt).toBe(140);
    connection.tick(139);
    expect(connection.state).toBe("open");
    connection.tick(140);
    expect(connection).toMatchObject({ state: "closed", shouldDestroy: true });
    expect(listener.faults.map(({ code }) => code)).toEqual(["keepalive-timeout"]);
    expect(connection.closeInfo).toEqual({ code: 1006, reason: "", wasClean: false });
    expect(connection.nextTickAt).toBe(Number.POSITIVE_INFINITY);
  });

  test("a process that was suspended past the deadline asks again instead of giving up", () => {
    const { connection } = create();
    connection.tick(100);
    expect(pings(connection)).toEqual(["ping 00000001"]);
    connection.tick(60_000);
    expect(connection.state).toBe("open");
    expect(pings(connection)).toEqual(["ping 00000002"]);
    connection.tick(60_040);
    expect(connection.state).toBe("closed");
  });

  test("§5.5.3 the pong that answers our latest ping measures the round trip, any other does not", () => {
    const { connection } = create();
    connection.tick(100);
    connection.receive(pong(hex("00000009")), 105);
    connection.receive(pong(hex("01")), 106);
    expect(connection.rttMs).toBeUndefined();
    connection.receive(pong(hex("00000001")), 110);
    expect(connection.rttMs).toBe(10);
    connection.receive(pong(hex("00000001")), 139);
    expect(connection.rttMs).toBe(10);
  });

  test("a pong in the same millisecond as its ping counts", () => {
    const { connection } = create();
    connection.tick(100);
    connection.receive(pong(hex("00000001")), 100);
    connection.tick(140);
    expect(connection.state).toBe("open");
    expect(connection.rttMs).toBe(0);
  });

  test("whatever arrives is a sign of life, so a busy peer is never pinged", () => {
    const { connection } = create();
    for (let now = 0; now < 1000; now += 50) {
      connection.receive(frameTo(role, { opcode: 2 }).slice(0, 1), now);
      connection.receive(frameTo(role, { opcode: 2 }).slice(1), now);
      connection.tick(now + 49);
    }
    expect(connection.hasOutput).toBe(false);
    expect(connection.state).toBe("open");
  });

  test("with a clock round trips and deadlines are exact, whatever time `receive` is told", () => {
    let now = 0;
    const timing = { keepalive: OPTIONS, closeTimeoutMs: 50, clock: () => now };
    const { connection } = createConnection(role, timing);
    now = 100;
    connection.tick(now);
    now = 110;
    connection.receive(pong(hex("00000001")), 130);
    expect(connection.rttMs).toBe(10);
    expect(connection.nextTickAt).toBe(140);
    connection.tick(140);
    // The next ping is as much off as the time was.
    expect(connection.nextTickAt).toBe(230);
    now = 150;
    connection.receive(hex("83 80 00 00 00 00"), 190);
    expect(connection.nextTickAt).toBe(200);
  });

  test("what comes after a ping is a sign of life, though it is told as earlier", () => {
    const { connection } = create();
    connection.tick(100);
    connection.receive(frameTo(role, { opcode: 2 }), 60);
    connection.tick(140);
    expect(connection.state).toBe("open");
    expect(connection.nextTickAt).toBe(160);
  });

  test("bytes that leave are a sign of life", () => {
    const { connection } = create();
    connection.tick(100);
    connection.progressed(130);
    connection.tick(140);
    expect(connection.state).toBe("open");
    expect(connection.nextTickAt).toBe(230);
  });

  test("a ping that was answered does not put the next one off until a long deadline", () => {
    const { connection } = create({ pingIntervalMs: 100, pongDeadlineMs: 5000 });
    connection.tick(100);
    connection.receive(pong(hex("00000001")), 110);
    expect(pings(connection)).toHaveLength(1);
    const times: number[] = [];
    for (let tick = 0; tick < 6; tick++) {
      const now = connection.nextTickAt;
      connection.tick(now);
      const sequence = pings(connection)[0]?.slice("ping ".length);
      if (sequence === undefined) continue;
      times.push(now);
      connection.receive(pong(hex(sequence)), now + 5);
    }
    expect(times).toEqual([210, 315, 420]);
  });

  test("an unanswered ping is not repeated before its deadline, however long that is", () => {
    const { connection } = create({ pingIntervalMs: 100, pongDeadlineMs: 1000 });
    const times: number[] = [];
    for (let tick = 0; tick < 3; tick++) {
      const now = connection.nextTickAt;
      connection.tick(now);
      if (connection.hasOutput || connection.shouldDestroy) times.push(now);
      takeFrames(connection);
    }
    expect(connection.state).toBe("closed");
    expect(times).toEqual([100, 1100]);
  });

  test("while reading is paused the peer's silence is ours", () => {
    const { connection } = create();
    connection.tick(100);
    connection.pause();
    for (let now = 140; now < 1000; now += 100) connection.tick(now);
    expect(connection.state).toBe("open");
    expect(pings(connection)).toHaveLength(1);
    connection.resume(1000);
    connection.tick(connection.nextTickAt);
    expect(pings(connection)).toHaveLength(1);
  });

  test("a pingIntervalMs of 0 turns it off", () => {
    const { connection } = create({ pingIntervalMs: 0, pongDeadlineMs: 10 });
    expect(connection.nextTickAt).toBe(Number.POSITIVE_INFINITY);
    connection.tick(1e9);
    expect(connection.hasOutput).toBe(false);
  });

  test("no ping is sent once closing has begun", () => {
    const { connection } = createConnection(role, { keepalive: OPTIONS, closeTimeoutMs: 500 });
    connection.close(1000, "", 0);
    takeFrames(connection);
    expect(connection.nextTickAt).toBe(500);
    connection.tick(400);
    expect(connection.hasOutput).toBe(false);
  });

  test("nextTickAt is never in the past after a tick, and nothing is due before it", () => {
    forSeeds(100, (random) => {
      const keepalive = {
        pingIntervalMs: 1 + random.below(200),
        pongDeadlineMs: 1 + random.below(200),
        adaptive: random.chance(0.5),
      };
      const { connection } = createConnection(role, { keepalive, closeTimeoutMs: 50 });
      let now = 0;
      for (let step = 0; step < 100; step++) {
        const due = connection.nextTickAt;
        expect(due).toBeGreaterThan(now);
        now += 1 + random.below(120);
        if (now < due) {
          connection.tick(now);
          expect(connection.hasOutput).toBe(false);
        } else connection.tick(now);
        const frames = takeFrames(connection);
        if (frames.length > 0 && random.chance(0.9)) {
          connection.receive(pong(frames[0]!.payload), now);
        }
        if (random.chance(0.2)) connection.receive(frameTo(role, { opcode: 2 }), now);
        if (random.chance(0.01)) connection.close(1000, "", now);
        takeFrames(connection);
        if (connection.state === "closed") break;
      }
      expect(connection.nextTickAt).toBeGreaterThan(now);
    });
  });
});

describe("the adaptive deadline", () => {
  /** A keepalive that has measured `samples`, one after the other. */
  function measured(samples: readonly number[], pongDeadlineMs = 30_000) {
    const keepalive = new Keepalive({ pingIntervalMs: 1000, pongDeadlineMs, adaptive: true }, 0);
    let now = 0;
    for (const sample of samples) {
      now = keepalive.nextTickAt;
      // At most once too early, because of what arrived meanwhile.
      if (keepalive.tick(now) !== KeepaliveAction.ping) {
        now = keepalive.nextTickAt;
        expect(keepalive.tick(now)).toBe(KeepaliveAction.ping);
      }
      now += sample;
      keepalive.alive(now);
      keepalive.pong(keepalive.pingPayload, 0, 4, now);
    }
    return { keepalive, now };
  }

  /** How long after its next ping a peer that has fallen silent is given up. */
  function deadlineOf({ keepalive }: ReturnType<typeof measured>): number {
    let pingedAt = Number.NaN;
    for (let tick = 0; tick < 10; tick++) {
      const now = keepalive.nextTickAt;
      const action = keepalive.tick(now);
      if (action === KeepaliveAction.ping) pingedAt = now;
      if (action === KeepaliveAction.giveUp) return now - pingedAt;
    }
    throw new Error("the peer was not given up");
  }

  test("before the first measurement it is pongDeadlineMs", () => {
    expect(deadlineOf(measured([]))).toBe(30_000);
  });

  test("it follows the round trips within its bounds, as RFC 6298 §2 estimates them", () => {
    expect(deadlineOf(measured([10, 10, 10]))).toBe(2000);
    expect(deadlineOf(measured([1000]))).toBe(1000 + 8 * 500);
    expect(deadlineOf(measured([900], 1500))).toBe(1500);
    expect(measured([100, 200]).keepalive.rttMs).toBe(100 + 100 / 8);
  });
});
