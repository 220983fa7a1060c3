import { readFileSync } from "node:fs";
import { CloseCode, Entry, isFault, jsonCodec, type Link } from "@tidewire/session-protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { tidewire } from "./appendix-client.js";
import { End, secret } from "./pair.js";

// The appendix's client against the server engine, over a socket made of method calls.

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class FakeSocket {
  static server: End;
  static last: FakeSocket;
  onopen = (): void => {};
  onmessage = (_message: { data: string }): void => {};
  onclose = (_event: { code: number }): void => {};
  readonly protocol: string;
  #link: Link | undefined;

  constructor(_url: string, protocol: string) {
    this.protocol = protocol;
    FakeSocket.last = this;
  }

  send(text: string): void {
    const packet = jsonCodec.decode(text);
    if (isFault(packet)) throw new Error(packet.detail);
    if (this.#link !== undefined) {
      this.#link.receive(packet, 0);
      return;
    }
    if (packet.type !== "hello") throw new Error("hello comes first");
    const early: string[] = [];
    const port = {
      codec: jsonCodec,
      write: (entry: Entry): boolean => {
        early.push(String(entry.encoded(jsonCodec)));
        if (this.#link !== undefined) this.#carry(early);
        return true;
      },
      close: (code: number): void => this.onclose({ code }),
    };
    const link = FakeSocket.server.session.accept(port, packet, 0, { secret });
    if (isFault(link)) throw new Error(link.detail);
    this.#link = link;
    this.#carry(early);
  }

  #carry(messages: string[]): void {
    for (const data of messages.splice(0)) this.onmessage({ data });
  }

  close(code: number): void {
    this.#link?.lost(0, code);
    this.onclose({ code });
  }

  /** The network goes away, and both sides notice. */
  drop(): void {
    this.#link?.lost(0);
    this.onclose({ code: 1006 });
  }
}

test("Appendix A is the file that is tested here", () => {
  const protocol = readFileSync(new URL("../PROTOCOL.md", import.meta.url), "utf8");
  const file = readFileSync(new URL("./appendix-client.js", import.meta.url), "utf8");
  expect(protocol).toContain(`\`\`\`js\n${file}\`\`\``);
});

test("Appendix A has at most thirty lines of at most a hundred columns", () => {
  const file = readFileSync(new URL("./appendix-client.js", import.meta.url), "utf8");
  const lines = file.trimEnd().split("\n");
  expect(lines.length).toBeLessThanOrEqual(30);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
});

test("Appendix A connects, resumes, and loses and repeats nothing", () => {
  const server = new End("server");
  FakeSocket.server = server;
  const events: unknown[] = [];
  const answers: string[] = [];
  const client = tidewire("ws://hub.example/tidewire", {
    token: "t",
    onevent: (name, data) => events.push([name, data]),
    onlink: (welcome) => answers.push(welcome.answer),
    Socket: FakeSocket,
  });
  const say = (data: unknown): number =>
    server.session.send(new Entry({ type: "event", name: "down", data }, jsonCodec), 0);
  client.emit("up", 0);
  expect(FakeSocket.last.protocol).toBe("tidewire.v1.json");
  FakeSocket.last.onopen();
  say(0);
  server.session.ping(0);
  expect(server.session.acknowledged).toBe(1);
  FakeSocket.last.drop();
  say(1);
  client.emit("up", 1);
  vi.advanceTimersByTime(2_000);
  FakeSocket.last.onopen();
  say(2);
  client.emit("up", 2);
  expect(answers).toEqual(["fresh", "resumed"]);
  expect(events).toEqual([0, 1, 2].map((data) => ["down", data]));
  expect(server.packets.map((packet) => (packet as { data: unknown }).data)).toEqual([0, 1, 2]);
  client.close();
  expect(server.ended).toMatchObject([{ code: CloseCode.closed }]);
});

test("Appendix A begins anew when its session is gone, and does not connect after close()", () => {
  FakeSocket.server = new End("server");
  const events: unknown[] = [];
  const answers: string[] = [];
  const client = tidewire("ws://hub.example/tidewire", {
    onevent: (name, data) => events.push([name, data]),
    onlink: (welcome) => answers.push(welcome.answer),
    Socket: FakeSocket,
  });
  FakeSocket.last.onopen();
  client.emit("up", 0);
  FakeSocket.last.drop();
  client.emit("up", 1);
  const next = new End("server");
  FakeSocket.server = next;
  vi.advanceTimersByTime(2_000);
  FakeSocket.last.onopen();
  client.emit("up", 2);
  next.session.send(new Entry({ type: "event", name: "down", data: "new" }, jsonCodec), 0);
  expect(answers).toEqual(["fresh", "fresh"]);
  expect(events).toEqual([["down", "new"]]);
  expect(next.packets.map((packet) => (packet as { data: unknown }).data)).toEqual([2]);
  const { last } = FakeSocket;
  last.drop();
  client.close();
  vi.advanceTimersByTime(10_000);
  expect(FakeSocket.last).toBe(last);
});
