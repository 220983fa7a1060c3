// The checker is only worth what it finds: each of these bugs is planted in an engine that is right.

import {
  ClientSession,
  Entry,
  type Fault,
  type Hello,
  type Limits,
  type Link,
  type LinkPort,
  type Packet,
  type ServerLink,
  ServerSession,
  type ServerSessionOptions,
} from "@tidewire/session-protocol";
import { type Seam, SimulationError, Simulator } from "@tidewire/session-protocol/testing";
import { describe, expect, test } from "vitest";

/** Runs seeds until the bug shows; answers what the checker said. */
function hunt(seam: Seam): string {
  for (let seed = 1; seed <= 20; seed += 1) {
    try {
      new Simulator({ seed, seam }).run(30_000);
    } catch (error) {
      if (error instanceof SimulationError) return error.message;
      throw error;
    }
  }
  return "not found";
}

const onServer = (Broken: typeof ServerSession): Seam => ({
  server: (options, now) => new Broken(options, now),
});

const onClient = (Broken: typeof ClientSession): Seam => ({
  client: (options, now) => new Broken(options, now),
});

/** Rewrites packets of one type on their way to the wire. */
function rewriting(type: Packet["type"], rewrite: (packet: Packet) => Packet): Seam["port"] {
  return (port: LinkPort): LinkPort => ({
    codec: port.codec,
    allowanceMs: port.allowanceMs ?? 0,
    write: (entry, count) =>
      entry.type === type
        ? port.write(new Entry(rewrite(entry.packet()), port.codec), count)
        : port.write(entry, count),
    close: (code, reason) => port.close(code, reason),
  });
}

function limitsOf({ limits }: ServerSessionOptions): Limits {
  if (limits === undefined) throw new Error("the simulation sets limits");
  return limits;
}

describe("a planted bug is found", () => {
  test("a retried POST is applied again", () => {
    class Broken extends ServerSession {
      override seek(link: Link, position: number, now: number): boolean {
        const answer = super.seek(link, position, now);
        link.expected = this.received;
        return answer;
      }
    }
    expect(hunt(onServer(Broken))).toMatch(/applied twice|position/);
  });

  test("a server that believes the client has one entry more than it says", () => {
    class Broken extends ServerSession {
      override accept(
        port: LinkPort,
        hello: Hello,
        now: number,
        extra?: object,
      ): ServerLink | Fault {
        const received = Math.min((hello.received ?? 0) + 1, this.sent);
        return super.accept(port, { ...hello, received }, now, extra);
      }
    }
    expect(hunt(onServer(Broken))).toMatch(/ack of|position|fresh|stuck|never sent/);
  });

  test("an old link's end ruins the session that has moved on", () => {
    class Broken extends ServerSession {
      override lose(link: Link, now: number, code: number, reason: string): void {
        if (link.over && this.live !== undefined) this.end(4003, "the old link timed out", now);
        super.lose(link, now, code, reason);
      }
    }
    expect(hunt(onServer(Broken))).toMatch(/expired before/);
  });

  test("acknowledging more than was received", () => {
    const port = rewriting("ack", (packet) =>
      packet.type === "ack" ? { ...packet, count: packet.count + 1 } : packet,
    );
    expect(hunt(port === undefined ? {} : { port })).toMatch(/ack of|never sent|malformed/);
  });

  test("a log without its bound", () => {
    const seam: Seam = {
      server: (options, now) => {
        const base = limitsOf(options);
        const limits = { ...base, logBytes: base.logBytes * 100, logEntries: 100_000 };
        return new ServerSession({ ...options, limits }, now);
      },
    };
    expect(hunt(seam)).toMatch(/retains/);
  });

  test("a gap that is called resumed", () => {
    const port = rewriting("welcome", (packet) => {
      if (packet.type !== "welcome" || packet.answer !== "gap") return packet;
      return { ...packet, answer: "resumed", position: 0 };
    });
    expect(hunt(port === undefined ? {} : { port })).toMatch(/position|SSE id/);
  });

  test("a session that expires too early", () => {
    const seam: Seam = {
      server: (options, now) => {
        const base = limitsOf(options);
        const limits = { ...base, sessionMs: base.sessionMs / 10 };
        return new ServerSession({ ...options, limits }, now);
      },
    };
    expect(hunt(seam)).toMatch(/expired before/);
  });

  test("nobody notices that a link is dead", () => {
    class Broken extends ClientSession {
      override tick(): void {}
    }
    expect(hunt(onClient(Broken))).toMatch(/stuck|stands still/);
  });
});
