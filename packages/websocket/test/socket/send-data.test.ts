// Security case A17: every kind of argument is on the wire byte for byte, or throws.
import { randomBytes } from "node:crypto";
import { connect, type SendData, type WebSocket } from "@tidewire/websocket";
import { describe, expect, it } from "vitest";
import { openPair, ROLES, until } from "../support/pairs.js";
import { acceptance, ClientFrames, startRawServer } from "../support/raw-server.js";

/** A client and what it puts on the wire. */
async function openRaw(): Promise<{ client: WebSocket; frames: ClientFrames }> {
  let frames!: ClientFrames;
  const server = await startRawServer((socket, request) => {
    frames = new ClientFrames(socket);
    socket.write(acceptance(request));
  });
  return { client: await connect(server.url), frames };
}

/** Every kind of binary argument that covers `bytes`, inside of larger memory where it can. */
function kindsOf(bytes: Uint8Array): [string, SendData][] {
  const around = new Uint8Array(bytes.length + 16).fill(0xee);
  around.set(bytes, 8);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  const kinds: [string, SendData][] = [
    ["Uint8Array", bytes],
    ["subarray", around.subarray(8, 8 + bytes.length)],
    ["Buffer", Buffer.from(bytes)],
    ["ArrayBuffer", Uint8Array.from(bytes).buffer],
    ["DataView", new DataView(around.buffer, 8, bytes.length)],
    ["Uint8ClampedArray", new Uint8ClampedArray(around.buffer, 8, bytes.length)],
    ["Int8Array", new Int8Array(around.buffer, 8, bytes.length)],
    ["SharedArrayBuffer", shared.buffer],
    ["shared Uint8Array", shared],
    ["Blob", new Blob([bytes as Uint8Array<ArrayBuffer>])],
  ];
  if (bytes.length % 8 === 0) {
    kinds.push(["Float32Array", new Float32Array(around.buffer, 8, bytes.length / 4)]);
    kinds.push(["BigInt64Array", new BigInt64Array(around.buffer, 8, bytes.length / 8)]);
  }
  return kinds;
}

describe("send()", () => {
  it.each(kindsOf(new Uint8Array(64)).map(([name], index) => [name, index] as const))(
    "a %s is sent as exactly the bytes that it covers",
    async (_, index) => {
      const { client, frames } = await openRaw();
      for (const length of [0, 8, 125, 126, 127, 4096, 65_535, 65_536, 100_000]) {
        const bytes = new Uint8Array(randomBytes(length));
        const data = kindsOf(bytes)[index]?.[1];
        if (data === undefined) continue;
        void client.send(data);
        const { first, payload } = await frames.next();
        expect(first).toBe(0x82);
        expect(payload.equals(bytes)).toBe(true);
      }
      client.terminate();
    },
  );

  it.each(ROLES)("§8.1 text of a %s is UTF-8, and lone surrogates are U+FFFD", async (_, roles) => {
    const seen: unknown[] = [];
    const handlers = { message: (_socket: unknown, data: unknown) => void seen.push(data) };
    const [socket] = roles(await openPair({ handlers }, { handlers }));
    const texts = ["", "ascii", "grüße 🦀", "\ud800", "a\udc00b", "\udc00\ud800", "\ufeffbom"];
    const long = texts.map((text) => text.repeat(20_000));
    for (const text of [...texts, ...long]) await socket.send(text);
    await until(() => seen.length === 14);
    expect(seen).toEqual(
      [...texts, ...long].map((text) =>
        new TextDecoder("utf-8", { ignoreBOM: true }).decode(Buffer.from(text)),
      ),
    );
  });

  it.each([
    [5],
    [0],
    [true],
    [null],
    [undefined],
    [{}],
    [[1, 2]],
    [Symbol("s")],
    [10n],
    [() => {}],
    [new Date()],
    [{ length: 3, 0: 1 }],
  ])("%s throws a TypeError and sends nothing", async (value) => {
    const { client, frames } = await openRaw();
    const bad = value as never;
    for (const call of [
      () => client.send(bad),
      () => client.sendFragment(bad),
      () => client.ping(bad === undefined ? (null as never) : bad),
      () => client.pong(bad === undefined ? (null as never) : bad),
    ]) {
      expect(call).toThrow(TypeError);
    }
    client.send("sentinel");
    expect((await frames.next()).payload.toString()).toBe("sentinel");
    client.terminate();
    expect(() => client.send(bad)).toThrow(TypeError);
  });

  it("asText sends bytes as text, and refuses what is not UTF-8", async () => {
    const { client, frames } = await openRaw();
    client.send(Buffer.from("grüße"), { asText: true });
    expect(await frames.next()).toEqual({ first: 0x81, payload: Buffer.from("grüße") });
    expect(() => client.send(Uint8Array.of(0xff), { asText: true })).toThrow(TypeError);
    client.terminate();
  });

  it("a buffer may be reused as soon as send() returns", async () => {
    const { client, frames } = await openRaw();
    const buffer = new Uint8Array(200_000).fill(1);
    void client.send(buffer);
    buffer.fill(2);
    void client.send(new Blob(["x"]));
    void client.send(buffer);
    buffer.fill(3);
    expect((await frames.next()).payload.every((byte) => byte === 1)).toBe(true);
    expect((await frames.next()).payload.toString()).toBe("x");
    expect((await frames.next()).payload.every((byte) => byte === 2)).toBe(true);
    client.terminate();
  });

  it.each(ROLES)("what a %s sends behind a Blob keeps its order", async (_, roles) => {
    const seen: string[] = [];
    const handlers = {
      message: (_socket: unknown, data: string | Uint8Array) => void seen.push(String(data)),
    };
    const [socket] = roles(await openPair({ handlers }, { handlers }));
    socket.send("1");
    socket.send(new Blob(["2"]));
    socket.send("3");
    socket.send(new Blob(["4", "."]), { asText: true });
    socket.send(Buffer.from("5"));
    expect(socket.bufferedAmount).toBe(6);
    socket.close(1000);
    expect(socket.readyState).toBe(2);
    await socket.closed;
    expect(seen).toEqual(["1", "2", "3", "4.", "5"]);
    expect(socket.bufferedAmount).toBe(0);
  });

  it("a Blob that cannot be read closes with 1011, since its message would be missing", async () => {
    const { client, server } = await openPair();
    const blob = new Blob(["x"]);
    blob.arrayBuffer = () => Promise.reject(new Error("gone"));
    await expect(client.send(blob)).rejects.toThrow("gone");
    expect(await server.closed).toMatchObject({ code: 1011 });
    await client.closed;
    expect(client.failure?.message).toContain("Blob");
  });
});
