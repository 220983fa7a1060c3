import { randomBytes } from "node:crypto";
import { connect } from "@tidewire/websocket";
import { describe, expect, it } from "vitest";
import { openPair, ROLES, turn, until } from "../support/pairs.js";
import { acceptance, ClientFrames, serverFrame, startRawServer } from "../support/raw-server.js";

const MEBIBYTE = 1024 * 1024;
const LARGE = { limits: { messageBytesMax: 32 * MEBIBYTE }, sendQueueBytesMax: 64 * MEBIBYTE };

describe("sendFragment()", () => {
  it("§5.4 parts are frames: the first has the opcode, the last has FIN", async () => {
    let frames!: ClientFrames;
    const server = await startRawServer((socket, request) => {
      frames = new ClientFrames(socket);
      socket.write(acceptance(request));
    });
    const client = await connect(server.url);
    client.sendFragment("a\ud83e");
    client.send("whole");
    client.ping("p");
    client.sendFragment("\udd80b", { last: true });
    client.sendFragment(Uint8Array.of(1), { last: true });
    client.sendFragment(Buffer.from("t"), { type: "text" });
    client.sendFragment("", { last: true });
    const seen: string[] = [];
    for (let i = 0; i < 7; i++) {
      const { first, payload } = await frames.next();
      seen.push(`${first.toString(16)} ${payload}`);
    }
    expect(seen).toEqual(["1 a", "89 p", "80 🦀b", "81 whole", "82 \x01", "1 t", "80 "]);
    client.terminate();
  });

  it("a part that cannot be sent leaves the message open", async () => {
    const { client, server } = await openPair();
    const arrived = new Promise((resolve) => {
      server.onmessage = ({ data }) => resolve(data);
    });
    client.sendFragment("a");
    expect(() => client.sendFragment(Uint8Array.of(0xff))).toThrow(TypeError);
    expect(() => client.sendFragment(5 as never)).toThrow(TypeError);
    client.sendFragment("b", { last: true });
    expect(await arrived).toBe("ab");
  });

  it("does not begin inside a streamed message, and says so", async () => {
    const { client } = await openPair();
    const sent = client.sendStream(["a", "b"]);
    expect(() => client.sendFragment("c")).toThrow(/await its promise/);
    await sent;
    client.sendFragment("c", { last: true });
  });

  it("close() goes before the rest of an unfinished message", async () => {
    const { client, server } = await openPair();
    client.sendFragment("half");
    client.send("never")?.catch(() => {});
    client.close(1000);
    expect(await server.closed).toMatchObject({ code: 1000, wasClean: true });
  });
});

describe("sendStream()", () => {
  it.each(ROLES)(
    "a %s sends one message as the source yields it, the rest in order behind it",
    async (_, roles) => {
      const seen: string[] = [];
      const handlers = {
        message: (_socket: unknown, data: unknown) => void seen.push(String(data)),
      };
      const [socket] = roles(await openPair({ handlers }, { handlers }));
      let release!: () => void;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      async function* tokens(): AsyncGenerator<string> {
        yield "to";
        await released;
        yield "kens";
      }
      const streamed = socket.sendStream(tokens());
      const behind = socket.send("behind");
      const second = socket.sendStream(new Blob(["as bytes"]).stream());
      for (let i = 0; i < 20; i++) await turn();
      expect(seen).toEqual([]);
      release();
      await Promise.all([streamed, behind, second]);
      await until(() => seen.length === 3);
      expect(seen).toEqual(["tokens", "behind", "as bytes"]);
    },
  );

  it("the source is asked no faster than the peer reads", async () => {
    const { client, server } = await openPair({}, LARGE);
    server.pause();
    let asked = 0;
    let received = 0;
    server.onmessage = ({ data }) => {
      received = (data as Uint8Array).length;
    };
    function* source(): Generator<Uint8Array> {
      for (; asked < 256; asked++) yield new Uint8Array(64 * 1024);
    }
    const sent = client.sendStream(source());
    for (let i = 0; i < 200; i++) await turn();
    expect(asked).toBeLessThan(256);
    expect(client.bufferedAmount).toBeLessThan(MEBIBYTE);
    server.resume();
    await sent;
    await until(() => received === 16 * MEBIBYTE);
  });

  it("a source that fails inside its message closes with 1011, and its error is told", async () => {
    const { client, server } = await openPair();
    async function* source(): AsyncGenerator<string> {
      yield "half";
      throw new Error("source failed");
    }
    const sent = client.sendStream(source());
    const behind = client.send("behind");
    await expect(sent).rejects.toThrow("source failed");
    await expect(behind).rejects.toMatchObject({ name: "ConnectionClosedError" });
    expect(await server.closed).toMatchObject({ code: 1011 });
    await client.closed;
    expect(client.failure?.cause).toMatchObject({ message: "source failed" });
  });

  it("a source that fails before its first part harms nobody", async () => {
    const { client, server } = await openPair();
    const messages = server.messages();
    const failing: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error("early")) }),
    };
    await expect(client.sendStream(failing)).rejects.toThrow("early");
    await expect(client.sendStream("text" as never)).rejects.toThrow(TypeError);
    await expect(client.sendStream(null as never)).rejects.toThrow(TypeError);
    await expect(client.sendStream([5 as never])).rejects.toThrow(TypeError);
    client.send("fine");
    expect((await messages.next()).value).toBe("fine");
  });

  it("when the connection ends, the source is closed and the promise rejects at once", async () => {
    const { client, server } = await openPair();
    let closed = false;
    const waiting: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => {}),
        return: async () => {
          closed = true;
          return { done: true, value: undefined };
        },
      }),
    };
    const sent = client.sendStream(waiting);
    server.terminate();
    await expect(sent).rejects.toMatchObject({ name: "ConnectionClosedError" });
    expect(closed).toBe(true);
  });

  it("close() waits for a streamed message no longer than closeTimeoutMs", async () => {
    const { client, server } = await openPair({ closeTimeoutMs: 50 });
    const sent = client.sendStream(
      (async function* () {
        yield "half";
        await new Promise(() => {});
      })(),
    );
    client.close(4000);
    await expect(sent).rejects.toMatchObject({ name: "ConnectionClosedError" });
    expect(await server.closed).toMatchObject({ code: 4000 });
  });

  it("an empty source is an empty message, and a broadcast keeps its place", async () => {
    const { client, server } = await openPair();
    const messages = client.messages();
    const streams = [server.sendStream([]), server.sendStream([], { type: "text" })];
    server.sendPrepared({
      isBinary: false,
      payloadBytes: 1,
      plain: { bytes: Buffer.from([0x81, 1, 0x62]), start: 0, end: 3 },
      compressed: undefined,
      windowBits: 0,
    });
    await Promise.all(streams);
    expect((await messages.next()).value).toEqual(Buffer.alloc(0));
    expect((await messages.next()).value).toBe("");
    expect((await messages.next()).value).toBe("b");
  });
});

describe("messageStreams()", () => {
  it.each(ROLES)("a %s reads 16 MiB while they arrive", async (_, roles) => {
    const pair = await openPair({ ...LARGE }, { ...LARGE });
    const [socket, peer] = roles(pair);
    const streams = socket.messageStreams();
    const bytes = randomBytes(16 * MEBIBYTE);
    const sent = peer.send(bytes);
    const { value: message } = await streams.next();
    expect(message!.type).toBe("binary");
    expect(Buffer.from(await message!.bytes()).equals(bytes)).toBe(true);
    await sent;
    void peer.send("grüße 🦀".repeat(100_000));
    const { value: text } = await streams.next();
    expect(text!.type).toBe("text");
    expect(await text!.text()).toBe("grüße 🦀".repeat(100_000));
  });

  it.each(ROLES)("a %s gets 16 MiB whole as well", async (_, roles) => {
    const [socket, peer] = roles(await openPair(LARGE, LARGE));
    const messages = socket.messages();
    const bytes = randomBytes(16 * MEBIBYTE);
    void peer.send(bytes);
    expect(Buffer.from((await messages.next()).value as Uint8Array).equals(bytes)).toBe(true);
  });

  it("parts are given before the message is complete, and keep what they were", async () => {
    let write!: (bytes: Buffer) => void;
    const server = await startRawServer((socket, request) => {
      write = (bytes) => void socket.write(bytes);
      socket.write(acceptance(request));
    });
    const client = await connect(server.url);
    const streams = client.messageStreams();
    write(serverFrame(0x01, "first"));
    const message = (await streams.next()).value!;
    const parts = message[Symbol.asyncIterator]();
    const first = (await parts.next()).value!;
    expect(String(first)).toBeTypeOf("string");
    write(serverFrame(0x80, "last!"));
    const last = (await parts.next()).value!;
    expect([Buffer.from(first).toString(), Buffer.from(last).toString()]).toEqual([
      "first",
      "last!",
    ]);
    expect(await parts.next()).toEqual({ done: true, value: undefined });
    client.terminate();
  });

  it("a reader that does not read stops the peer, with a bounded amount waiting", async () => {
    const { client, server } = await openPair({}, LARGE);
    const streams = server.messageStreams();
    let sent = 0;
    const sending = client.sendStream(
      (function* () {
        for (; sent < 400; sent++) yield new Uint8Array(40_000);
      })(),
    );
    const message = (await streams.next()).value!;
    for (let i = 0; i < 200; i++) await turn();
    expect(sent).toBeLessThan(300);
    let received = 0;
    for await (const part of message.readable) received += part.length;
    await sending;
    expect(received).toBe(400 * 40_000);
  });

  it("a message that nobody reads is skipped, and cannot be read later", async () => {
    const { client, server } = await openPair();
    const streams = client.messageStreams();
    for (const text of ["a", "b", "c"]) server.send(text.repeat(100_000));
    const skipped = (await streams.next()).value!;
    const partly = (await streams.next()).value!;
    for await (const _ of partly) break;
    expect(await (await streams.next()).value!.text()).toBe("c".repeat(100_000));
    await expect(skipped.text()).rejects.toThrow("skipped");
    await expect(partly.text()).rejects.toThrow("being read");
  });

  it("messages may be read at the same time as the next is awaited", async () => {
    const { client, server } = await openPair();
    const texts: Promise<string>[] = [];
    const reading = (async () => {
      for await (const message of client.messageStreams()) texts.push(message.text());
    })();
    for (let i = 0; i < 500; i++) void server.send(`${i}`.repeat(1000));
    server.close();
    await reading;
    expect(await Promise.all(texts)).toEqual(
      Array.from({ length: 500 }, (_, i) => `${i}`.repeat(1000)),
    );
  });

  it("leaving the loop gives messages to the other consumers again", async () => {
    const { client, server } = await openPair();
    const streams = client.messageStreams();
    expect(() => client.messageStreams()).toThrow("in use");
    server.send("streamed");
    expect(await (await streams.next()).value!.text()).toBe("streamed");
    await streams.return!();
    const messages = client.messages();
    server.send("whole");
    expect((await messages.next()).value).toBe("whole");
    client.messageStreams();
  });

  it("a connection lost inside a message fails its reader and the loop", async () => {
    const { client, server } = await openPair();
    const streams = client.messageStreams();
    server.sendFragment("half");
    const message = (await streams.next()).value!;
    const text = message.text();
    const next = streams.next();
    server.terminate();
    await expect(text).rejects.toMatchObject({ name: "ConnectionClosedError" });
    await expect(next).rejects.toMatchObject({ name: "ConnectionClosedError" });
  });
});
