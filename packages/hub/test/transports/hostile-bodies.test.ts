// What nobody polite would post: malformed, endless, slow, cut into pieces.

import { readdirSync } from "node:fs";
import type { Packet } from "@tidewire/session-protocol";
import { describe, expect, it } from "vitest";
import {
  batchFor,
  eventually,
  hello,
  lines,
  ndjson,
  post,
  rawSocket,
  say,
  serve,
} from "./served.js";

describe("hostile bodies", () => {
  const invalid: [string, string | Uint8Array<ArrayBuffer>, number][] = [
    ["nothing", "", 400],
    ["spaces only", " \n \n", 400],
    ["no JSON", "{", 400],
    ["a list", "[]\n", 400],
    ["null", "null\n", 400],
    ["a text that is no object", '"hello"\n', 400],
    ["an unknown type", lines({ type: "__proto__" }), 400],
    ["no UTF-8", Uint8Array.of(0xff, 0xfe), 400],
    ["a byte order mark", `\ufeff${lines(hello)}`, 400],
    ["a hello with more behind it", lines(hello, say(1)), 400],
    ["an event first", lines(say(1)), 400],
    ["depth 100,000", `{"type":"event","name":"a","data":${"[".repeat(100_000)}\n`, 400],
    ["E7 separators only", "\n".repeat(1_000_000), 413],
    ["E6 more packets than a batch may have", lines({ type: "ack", count: 0 }).repeat(600), 413],
    ["a version that nobody speaks", lines({ ...hello, version: 2 }), 426],
    ["E5 no version", lines({ ...hello, version: undefined }), 400],
    [
      "a session that is not here",
      lines({
        type: "batch",
        session: "s".repeat(22),
        secret: "s".repeat(43),
        link: 1,
        received: 0,
      }),
      404,
    ],
  ];

  it.each(invalid)("E4 %s is answered", async (_, body, status) => {
    const { base, hub, errors } = await serve();
    const answer = await post(`${base}/poll`, body);
    expect(answer.status).toBe(status);
    expect(answer.packets[0]).toMatchObject({ type: "bye" });
    expect(hub.stats().sessions).toBe(0);
    expect(errors).toEqual([]);
  });

  it("E6 a body above batchBytes is refused by its length, and while it arrives", async () => {
    const { base, port } = await serve({ limits: { messageBytes: 900, batchBytes: 2_000 } });
    const body = `${" ".repeat(2_000)}\n`;
    expect((await post(`${base}/send`, body)).status).toBe(413);
    // Without a length, and without an end: it is answered, and hung up on.
    const { socket, done } = rawSocket(port);
    socket.write(
      `POST /tidewire/send HTTP/1.1\r\nhost: a\r\ncontent-type: ${ndjson}\r\n` +
        "transfer-encoding: chunked\r\n\r\n",
    );
    socket.write(`7d1\r\n${body}\r\n`);
    const answered = new Promise((resolve) => socket.once("data", resolve));
    expect(String(await answered)).toContain("413");
    socket.destroy();
    await done;
  });

  it("hangs up on a client that goes on sending what was refused", async () => {
    const { port } = await serve({}, { limits: { lingerMs: 30 } });
    const { socket, done } = rawSocket(port);
    socket.write(
      `POST /tidewire/nowhere HTTP/1.1\r\nhost: a\r\ncontent-type: ${ndjson}\r\n` +
        "content-length: 1000000000\r\n\r\n{",
    );
    expect(await done).toContain("404");
  });

  it("hangs up on a client that does not read the end of its response", async () => {
    const { port, hub, server } = await serve({}, { limits: { lingerMs: 30 } });
    const { socket, done } = rawSocket(port);
    const body = lines(hello);
    socket.write(
      `POST /tidewire/sse HTTP/1.1\r\nhost: a\r\ncontent-type: ${ndjson}\r\n` +
        `content-length: ${body.length}\r\n\r\n${body}`,
    );
    await new Promise((resolve) => socket.once("data", resolve));
    socket.pause();
    await eventually(() => hub.stats().sessions === 1);
    const [peer] = [...hub.peers()];
    // Far more than the kernel takes; then the log is full, and the link over.
    for (let sent = 0; hub.stats().linked > 0 && sent < 2_000; sent += 1) {
      peer!.emit("said", "x".repeat(100_000));
      for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
    await new Promise<void>((resolve) => {
      const look = (): void => {
        server.getConnections((_, count) => (count === 0 ? resolve() : setImmediate(look)));
      };
      look();
    });
    expect(hub.stats()).toMatchObject({ linked: 0, sessions: 1 });
    socket.destroy();
    await done;
  });

  it("reads an answer at any speed, as long as it is read", async () => {
    const served = await serve({}, { limits: { lingerMs: 20, pollBytes: 10_000_000 } });
    const opened = await post(`${served.base}/poll`, lines(hello));
    const welcome = opened.packets[0] as Extract<Packet, { type: "welcome" }>;
    for (let count = 0; count < 30; count += 1) served.hub.emit("said", "x".repeat(100_000));
    const { socket, done } = rawSocket(served.port);
    const body = lines(batchFor(welcome, { received: 0 }));
    socket.write(
      `POST /tidewire/poll HTTP/1.1\r\nhost: a\r\nconnection: close\r\n` +
        `content-type: ${ndjson}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    socket.on("data", () => {
      socket.pause();
      setImmediate(() => socket.resume());
    });
    expect((await done).length).toBeGreaterThan(3_000_000);
  });

  it("g slowloris: a body that does not come is answered 408", async () => {
    const { port } = await serve(
      { limits: { helloMs: 30 } },
      { limits: { bodyMs: 30, lingerMs: 30 } },
    );
    for (const path of ["sse", "stream", "poll", "send"]) {
      const { socket, done } = rawSocket(port);
      socket.write(
        `POST /tidewire/${path} HTTP/1.1\r\nhost: a\r\ncontent-type: ${ndjson}\r\n` +
          'content-length: 100\r\n\r\n{"type":',
      );
      const text = await done;
      expect(text).toContain("408");
      expect(text).toContain('"code":4408');
    }
  });

  it("§10.2 a body is the same in one piece with its head, in pieces, chunked, and pipelined", async () => {
    const { port, errors } = await serve();
    const body = lines(hello);
    const head = (size: string, end: string): string =>
      `POST /tidewire/poll HTTP/1.1\r\nhost: a\r\n${end}content-type: ${ndjson}\r\n${size}\r\n\r\n`;
    const sized = `content-length: ${body.length}`;
    const more = head(sized, "") + body;
    const last = head(sized, "connection: close\r\n") + body;
    const chunked = head("transfer-encoding: chunked", "connection: close\r\n");
    const size = body.length.toString(16);
    for (const [parts, count] of [
      [[last], 1],
      [[last.slice(0, -body.length), body], 1],
      [[last.slice(0, -5), last.slice(-5, -1), last.slice(-1)], 1],
      [
        [`${chunked}1\r\n{\r\n${(body.length - 1).toString(16)}\r\n${body.slice(1)}\r\n0\r\n\r\n`],
        1,
      ],
      [[`${chunked}${size}\r\n${body}\r\n`, "0\r\n\r\n"], 1],
      [[more + more + last], 3],
      [[more + last.slice(0, -3), last.slice(-3)], 2],
    ] as const) {
      const { socket, done } = rawSocket(port);
      for (const part of parts) {
        socket.write(part);
        for (let turns = 0; turns < 5; turns += 1) await new Promise((go) => setImmediate(go));
      }
      const text = await done;
      expect(text.match(/HTTP\/1\.1 200 /g)).toHaveLength(count);
      expect(text.match(/"type":"welcome"/g)).toHaveLength(count);
    }
    expect(errors).toEqual([]);
  });

  it("C15 a body of one-byte chunks is read in bounded memory", async () => {
    const { base } = await serve();
    const text = lines({ ...hello, agent: "a".repeat(1_000) });
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of Buffer.from(text)) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    const answer = await post(`${base}/poll`, body, { duplex: "half" } as RequestInit);
    expect(answer.packets[0]).toMatchObject({ type: "welcome" });
  });

  it("E4 a thousand bad POSTs leave no socket behind", async () => {
    const { port, server } = await serve();
    const open = (): number => readdirSync("/proc/self/fd").length;
    const before = open();
    const bad = ["text/plain", ndjson, "application/octet-stream", ""];
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          const { socket, done } = rawSocket(port);
          socket.write(
            `POST /tidewire/send HTTP/1.1\r\nhost: a\r\nconnection: close\r\n` +
              `content-type: ${bad[index % bad.length]}\r\ncontent-length: 3\r\n\r\nbad`,
          );
          expect(await done).toMatch(/^HTTP\/1\.1 4\d\d /);
        }),
      );
    }
    await new Promise<void>((resolve) => {
      const look = (): void => {
        server.getConnections((_, count) => (count === 0 ? resolve() : setImmediate(look)));
      };
      look();
    });
    expect(open()).toBeLessThanOrEqual(before + 1);
  });
});
