import {
  type Fault,
  isFault,
  type Stream,
  type StreamPacket,
  Streams,
} from "@tidewire/session-protocol";
import { describe, expect, test } from "vitest";

/** Two tables of streams, with a wire between them that is carried by hand. */
class Side {
  readonly out: StreamPacket[] = [];
  readonly opened: { stream: Stream; data: unknown }[] = [];
  readonly streams: Streams;
  isFull = false;

  constructor(role: "client" | "server", streamsMax = 2, itemsMax = 4) {
    this.streams = new Streams({
      role,
      streamsMax,
      itemsMax,
      send: (packet) => {
        if (this.isFull) return false;
        this.out.push(packet);
        return true;
      },
      opened: (stream, data) => this.opened.push({ stream, data }),
    });
  }

  to(other: Side): Fault | undefined {
    for (const packet of this.out.splice(0)) {
      const fault = other.streams.receive(packet);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
}

class Log {
  readonly seen: string[] = [];
  data(data: unknown): void {
    this.seen.push(`data ${String(data)}`);
  }
  credit(): void {
    this.seen.push("credit");
  }
  end(data: unknown): void {
    this.seen.push(`end ${String(data)}`);
  }
  cancel(code: string): void {
    this.seen.push(`cancel ${code}`);
  }
}

describe("§8.3 streams", () => {
  test("ids are odd for the client and even for the server, and only grow", () => {
    const client = new Side("client");
    const server = new Side("server");
    expect(client.streams.open("a", 1, new Log())?.id).toBe(1);
    expect(client.streams.open("a", 1, new Log())?.id).toBe(3);
    expect(server.streams.open("a", 1, new Log())?.id).toBe(0);
    expect(server.streams.open("a", 1, new Log())?.id).toBe(2);
  });

  test("items go as far as the credit, and again when they were consumed", () => {
    const client = new Side("client");
    const server = new Side("server");
    const ours = new Log();
    const theirs = new Log();
    const stream = client.streams.open("up", "meta", ours)!;
    expect(stream.send(0)).toBe(false);
    client.to(server);
    const { stream: remote, data } = server.opened[0]!;
    expect(data).toBe("meta");
    remote.accept(theirs);
    server.to(client);
    expect(ours.seen).toEqual(["credit"]);
    expect([1, 2, 3, 4, 5].map((item) => stream.send(item))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
    client.to(server);
    expect(theirs.seen).toEqual(["data 1", "data 2", "data 3", "data 4"]);
    remote.consumed(1);
    expect(server.out).toEqual([]);
    remote.consumed(1);
    server.to(client);
    expect(stream.credit).toBe(2);
    // The opener gave credit with its open.
    expect(remote.send("down")).toBe(true);
    remote.end("result");
    stream.end();
    server.to(client);
    client.to(server);
    expect(ours.seen.slice(-2)).toEqual(["data down", "end result"]);
    expect([client.streams.size, server.streams.size]).toEqual([0, 0]);
  });

  test("an item without credit, an item after the end, and too much credit are faults", () => {
    const cases: StreamPacket[][] = [
      [{ type: "data", stream: 1 }],
      [
        { type: "end", stream: 1 },
        { type: "data", stream: 1 },
      ],
      [
        { type: "end", stream: 1 },
        { type: "end", stream: 1 },
      ],
      [{ type: "credit", stream: 1, credit: 3 }],
      [{ type: "open", stream: 1, name: "again", credit: 0 }],
      [{ type: "open", stream: 2, name: "ours", credit: 0 }],
      [{ type: "open", stream: 3, name: "x", credit: 5 }],
      [{ type: "data", stream: 5 }],
      [{ type: "data", stream: 0 }],
    ];
    for (const packets of cases) {
      const server = new Side("server");
      server.streams.receive({ type: "open", stream: 1, name: "x", credit: 2 });
      const answers = packets.map((packet) => server.streams.receive(packet));
      expect(isFault(answers.at(-1)), JSON.stringify(packets)).toBe(true);
    }
  });

  test("packets that crossed the end are ignored", () => {
    const client = new Side("client");
    const server = new Side("server");
    const stream = client.streams.open("x", undefined, new Log())!;
    client.to(server);
    const theirs = new Log();
    server.opened[0]!.stream.accept(theirs);
    server.to(client);
    stream.send(1);
    server.opened[0]!.stream.cancel("enough");
    expect(client.to(server)).toBeUndefined();
    expect(theirs.seen).toEqual([]);
    server.to(client);
    expect(stream.isOver).toBe(true);
    expect(stream.send(2)).toBe(false);
  });

  test("more streams than the limit are cancelled as busy, and make room when over", () => {
    const server = new Side("server", 2);
    for (const stream of [1, 3, 5]) {
      server.streams.receive({ type: "open", stream, name: "x", credit: 0 });
    }
    expect(server.opened).toHaveLength(2);
    expect(server.out).toMatchObject([{ type: "cancel", stream: 5, code: "busy" }]);
    server.streams.receive({ type: "cancel", stream: 1, code: "x", message: "" });
    server.streams.receive({ type: "open", stream: 7, name: "x", credit: 0 });
    expect(server.opened).toHaveLength(3);
    const client = new Side("client", 2);
    const opened = [0, 1, 2].map(() => client.streams.open("x", undefined, new Log()));
    expect(opened[2]).toBeUndefined();
    opened[0]?.cancel("done");
    expect(client.streams.open("x", undefined, new Log())?.id).toBe(5);
  });

  test("a full log loses no credit, end or cancel: they go out later, in order", () => {
    const client = new Side("client");
    const log = new Log();
    const stream = client.streams.open("x", undefined, log)!;
    client.out.length = 0;
    client.streams.receive({ type: "credit", stream: 1, credit: 2 });
    client.isFull = true;
    expect(stream.send(1)).toBe(false);
    stream.consumed(4);
    stream.end("done");
    stream.cancel("late");
    client.streams.flush();
    expect(client.out).toEqual([]);
    client.isFull = false;
    client.streams.flush();
    expect(client.out.map((packet) => packet.type)).toEqual(["end", "cancel"]);
  });

  test("§5.7 after a gap all streams fail without packets", () => {
    const client = new Side("client");
    const log = new Log();
    client.streams.open("x", undefined, log);
    client.out.length = 0;
    client.streams.failAll("gap", "entries were lost");
    expect(log.seen).toEqual(["cancel gap"]);
    expect(client.out).toEqual([]);
    expect(client.streams.size).toBe(0);
  });
});
