import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { WebSocket } from "@tidewire/websocket";
import { describe, expect, it } from "vitest";
import { openPair, ROLES, turn } from "../support/pairs.js";

describe("toWebStreams()", () => {
  it.each(ROLES)(
    "a %s reads and writes messages, and closing the writer closes the socket",
    async (_, roles) => {
      const [socket, peer] = roles(await openPair());
      const ours = socket.toWebStreams();
      const theirs = peer.toWebStreams();
      const echoed = theirs.readable.pipeTo(theirs.writable);
      const writer = ours.writable.getWriter();
      const reader = ours.readable.getReader();
      const sent = ["grüße", Buffer.from([0, 255]), ""];
      for (const message of sent) await writer.write(message);
      for (const message of sent) expect((await reader.read()).value).toEqual(message);
      await writer.close();
      expect(await reader.read()).toEqual({ done: true, value: undefined });
      await echoed;
      expect(await peer.closed).toMatchObject({ code: 1000, wasClean: true });
    },
  );

  it("a reader that does not read stops the writer", async () => {
    const { client, server } = await openPair();
    const { readable } = client.toWebStreams();
    const writer = server.toWebStreams().writable.getWriter();
    let written = 0;
    const writing = (async () => {
      for (; written < 500; written++) await writer.write(new Uint8Array(100_000));
      await writer.close();
    })();
    for (let i = 0; i < 300; i++) await turn();
    expect(written).toBeLessThan(200);
    let received = 0;
    for await (const message of readable) received += message.length;
    await writing;
    expect(received).toBe(500 * 100_000);
  });

  it("a lost connection fails both sides", async () => {
    const { client, server } = await openPair();
    const { readable, writable } = client.toWebStreams();
    const writer = writable.getWriter();
    const reading = readable.getReader().read();
    server.terminate();
    await expect(reading).rejects.toMatchObject({ name: "ConnectionClosedError" });
    await expect(writer.closed).rejects.toMatchObject({ name: "ConnectionClosedError" });
  });

  it("cancel closes with 1000, abort with 1011, a chunk that cannot be sent fails the writer", async () => {
    const cancelled = await openPair();
    await cancelled.client.toWebStreams().readable.cancel();
    expect(await cancelled.server.closed).toMatchObject({ code: 1000 });
    const aborted = await openPair();
    await aborted.client.toWebStreams().writable.abort(new Error("no more"));
    expect(await aborted.server.closed).toMatchObject({ code: 1011 });
    const wrong = await openPair();
    const writer = wrong.client.toWebStreams().writable.getWriter();
    writer.closed.catch(() => {});
    await expect(writer.write(5 as never)).rejects.toBeInstanceOf(TypeError);
  });

  it("may be asked for before the socket is open, and tells why it does not open", async () => {
    const { readable, writable } = new WebSocket("ws://127.0.0.1:1/").toWebStreams();
    const writer = writable.getWriter();
    writer.closed.catch(() => {});
    await expect(writer.write("x")).rejects.toMatchObject({ name: "ConnectError" });
    await expect(readable.getReader().read()).rejects.toMatchObject({ name: "ConnectError" });
  });
});

describe("toNodeStream()", () => {
  it.each(ROLES)("a %s pipes bytes through and ends with 1000", async (_, roles) => {
    const [socket, peer] = roles(await openPair());
    const echo = peer.toNodeStream();
    const echoed = pipeline(echo, echo);
    const stream = socket.toNodeStream();
    const bytes = Buffer.alloc(300_000, "0123456789");
    stream.write(bytes);
    stream.write("grüße");
    let received = 0;
    const tail: Buffer[] = [];
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      received += chunk.length;
      tail.push(chunk);
      if (received === bytes.length + 7) stream.end();
    }
    await echoed;
    expect(Buffer.concat(tail).equals(Buffer.concat([bytes, Buffer.from("grüße")]))).toBe(true);
    expect(await peer.closed).toMatchObject({ code: 1000 });
  });

  it("in objectMode it reads and writes messages", async () => {
    const { client, server } = await openPair();
    const stream = client.toNodeStream({ objectMode: true });
    const messages = server.messages();
    for (const message of ["text", "", Buffer.from([1])]) stream.write(message);
    for (const message of ["text", "", Buffer.from([1])]) {
      expect((await messages.next()).value).toEqual(message);
    }
    server.send("a");
    server.send("");
    server.send(Uint8Array.of(2));
    server.close();
    const seen: unknown[] = [];
    for await (const message of stream) seen.push(message);
    expect(seen).toEqual(["a", "", Buffer.from([2])]);
  });

  it("asText sends what is written as text", async () => {
    const { client, server } = await openPair();
    const messages = server.messages();
    client.toNodeStream({ asText: true }).write("grüße");
    expect((await messages.next()).value).toBe("grüße");
  });

  it("backpressure goes both ways", async () => {
    const { client, server } = await openPair();
    const source = server.toNodeStream();
    const sink = client.toNodeStream();
    let full = false;
    let written = 0;
    while (!full && written < 500) {
      full = !source.write(Buffer.alloc(100_000));
      written++;
      if (full) {
        // Node's own buffer was over its mark: give it the turns it needs, while the peer reads.
        await Promise.race([drained(source), turns(50)]);
        full = source.writableNeedDrain;
      }
    }
    expect(written).toBeLessThan(500);
    source.end();
    let received = 0;
    for await (const chunk of sink as AsyncIterable<Buffer>) received += chunk.length;
    expect(received).toBe(written * 100_000);
  });

  it("a lost connection destroys it with the reason", async () => {
    const { client, server } = await openPair();
    const stream = client.toNodeStream();
    const failed = failureOf(stream);
    stream.resume();
    server.terminate();
    expect(await failed).toMatchObject({ name: "ConnectionClosedError", code: 1006 });
  });

  it("destroy closes with 1000, destroy with an error with 1011", async () => {
    const quiet = await openPair();
    quiet.client.toNodeStream().destroy();
    expect(await quiet.server.closed).toMatchObject({ code: 1000 });
    const loud = await openPair();
    const stream = loud.client.toNodeStream();
    const failed = failureOf(stream);
    stream.destroy(new Error("broken"));
    expect(await failed).toMatchObject({ message: "broken" });
    expect(await loud.server.closed).toMatchObject({ code: 1011 });
  });

  it("tells why the socket does not open", async () => {
    const failed = failureOf(new WebSocket("ws://127.0.0.1:1/").toNodeStream());
    expect(await failed).toMatchObject({ name: "ConnectError", code: "network" });
  });
});

function failureOf(stream: Duplex): Promise<Error> {
  return new Promise((resolve) => stream.once("error", resolve));
}

function drained(stream: Duplex): Promise<void> {
  return new Promise((resolve) => stream.once("drain", resolve));
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}
