import { describe, expect, test } from "vitest";
import { type Progress, sha256 } from "../src/index.js";
import type { FakeHub, Held } from "./support/fake-hub.js";
import { Random } from "./support/random.js";
import { Scene } from "./support/scene.js";

function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  const random = new Random(9);
  return Uint8Array.from({ length }, () => random.below(256));
}

/** Takes uploads as a hub does: grants credit as it reads, answers with the bytes at the end. */
function receiveFiles(hub: FakeHub): { bytes: number; chunks: Uint8Array[]; opened: unknown[] } {
  const file = { bytes: 0, chunks: [] as Uint8Array[], opened: [] as unknown[] };
  hub.onPacket = (packet, held) => {
    const send = (answer: Parameters<FakeHub["send"]>[1]): void => {
      hub.time.after(20, () => hub.send(held, answer));
    };
    if (packet.type === "open") {
      file.opened.push(packet.data);
      send({ type: "credit", stream: packet.stream, credit: 64 });
    } else if (packet.type === "data") {
      const chunk = packet.data as Uint8Array;
      file.chunks.push(chunk.slice());
      file.bytes += chunk.length;
      send({ type: "credit", stream: packet.stream, credit: 1 });
    } else if (packet.type === "end") {
      send({ type: "end", stream: packet.stream, data: { stored: file.bytes } });
    }
  };
  return file;
}

describe("File streams", () => {
  for (const transports of [["websocket"], ["sse"], ["long-polling"]] as const) {
    test(`an upload over ${transports[0]}, cut three times: same bytes, monotonic progress`, async () => {
      const scene = new Scene(4);
      const file = receiveFiles(scene.hub);
      const client = scene.connect({ transports });
      const bytes = bytesOf(3_000_000);
      const progress: Progress[] = [];
      const upload = client.upload("photo", new Blob([bytes], { type: "image/png" }), {
        name: "beach.png",
        onProgress: (step) => progress.push(step),
        meta: { album: 7 },
      });
      for (const part of [0.2, 0.5, 0.8]) {
        await scene.time.until(() => file.bytes > bytes.length * part, 200_000);
        scene.hub.cutAll();
      }
      await scene.time.until(() => progress.at(-1)?.bytes === bytes.length, 200_000);
      await scene.time.pass(1_000);
      await expect(upload).resolves.toEqual({ stored: bytes.length });
      expect(file.opened).toEqual([
        { name: "beach.png", size: 3_000_000, type: "image/png", meta: { album: 7 } },
      ]);
      expect(await sha256(new Blob(file.chunks as BlobPart[]))).toBe(await sha256(bytes));
      for (let i = 1; i < progress.length; i += 1) {
        expect(progress[i]!.bytes).toBeGreaterThan(progress[i - 1]!.bytes);
      }
      expect(progress.length).toBeGreaterThan(2);
      client.close();
    });
  }

  test("no more than the window is read ahead; pause holds, cancel ends", async () => {
    const scene = new Scene();
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    let read = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      for (; read < 1_000; read += 1) yield new Uint8Array(1_000);
    }
    const upload = client.upload("log", source(), { size: 1_000_000 });
    await scene.time.pass(100);
    expect(read).toBe(0);
    scene.hub.send(scene.hub.only, { type: "credit", stream: 1, credit: 64 });
    await scene.time.pass(100);
    expect(read).toBe(64);
    upload.pause();
    scene.hub.send(scene.hub.only, { type: "credit", stream: 1, credit: 10 });
    await scene.time.pass(100);
    expect(read).toBeLessThan(67);
    upload.resume();
    await scene.time.pass(100);
    expect(read).toBe(74);
    upload.cancel("changed my mind");
    await expect(upload).rejects.toBe("changed my mind");
    await scene.time.pass(100);
    expect(scene.hub.only.packets.at(-1)).toMatchObject({ type: "cancel", stream: 1 });
    client.close();
  });

  test("what is paused rejects as well when its stream is over", async () => {
    const scene = new Scene();
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    const upload = client.upload("log", new Uint8Array(1_000_000));
    const download = client.download("photo", 7);
    const outcomes = Promise.allSettled([upload, download]);
    await scene.time.pass(50);
    upload.pause();
    download.pause();
    const [up, down] = [1, 3];
    scene.hub.send(scene.hub.only, { type: "credit", stream: up, credit: 64 });
    scene.hub.send(scene.hub.only, { type: "data", stream: down, data: new Uint8Array(10) });
    await scene.time.pass(50);
    for (const stream of [up, down]) {
      scene.hub.send(scene.hub.only, { type: "cancel", stream, code: "expired", message: "" });
    }
    await scene.time.pass(50);
    const expired = { status: "rejected", reason: expect.objectContaining({ code: "expired" }) };
    expect(await outcomes).toEqual([expired, expired]);
    client.close();
  });

  test("a signal that aborts cancels; a server that refuses says why; a size must be known", async () => {
    const scene = new Scene();
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    const abort = new AbortController();
    const aborted = client.upload("a", new Uint8Array(10), { signal: abort.signal });
    const refused = client.upload("b", new Uint8Array(10));
    await scene.time.pass(50);
    abort.abort("enough");
    scene.hub.send(scene.hub.only, {
      type: "cancel",
      stream: 3,
      code: "too-large",
      message: "At most 5.",
    });
    await scene.time.pass(50);
    await expect(aborted).rejects.toBe("enough");
    await expect(refused).rejects.toMatchObject({ code: "too-large", message: "At most 5." });
    expect(() => client.upload("c", new ReadableStream())).toThrow(/size/);
    client.close();
  });

  test("a download that we ask for, and one that the server begins", async () => {
    const scene = new Scene();
    const client = scene.connect();
    await scene.time.until(() => client.state === "connected");
    const { hub } = scene;
    const bytes = bytesOf(100_000);
    const digest = await sha256(bytes);
    const send = (held: Held, stream: number): void => {
      hub.send(held, { type: "data", stream, data: bytes.subarray(0, 60_000) });
      hub.send(held, { type: "data", stream, data: bytes.subarray(60_000) });
      hub.send(held, { type: "end", stream, data: { sha256: digest } });
    };
    const progress: number[] = [];
    const download = client.download("photo", 7, {
      onProgress: ({ bytes: done }) => progress.push(done),
    });
    const blob = download.then((whole) => whole);
    await scene.time.pass(50);
    send(hub.only, 1);
    await scene.time.pass(500);
    expect(await sha256(await blob)).toBe(digest);
    expect(progress).toEqual([60_000, 100_000]);

    // The digest takes real time, which virtual time does not wait for.
    let taken!: (whole: Blob) => void;
    const got = new Promise<Blob>((resolve) => {
      taken = resolve;
    });
    client.onDownload("report", async (report) => {
      expect(report.file).toMatchObject({ name: "r.csv", size: 100_000 });
      taken(await report);
      return "thanks";
    });
    hub.send(hub.only, {
      type: "open",
      stream: 0,
      name: "report",
      credit: 1,
      data: { name: "r.csv", size: 100_000 },
    });
    send(hub.only, 0);
    await scene.time.pass(500);
    expect((await got).size).toBe(100_000);
    await scene.time.pass(500);
    expect(hub.only.packets.at(-1)).toMatchObject({ type: "end", stream: 0, data: "thanks" });
    client.close();
  });
});

test("what the log refuses is tried again after the next acknowledgement, not for ever at once", async () => {
  const scene = new Scene(1, { logBytes: 50_000 });
  const client = scene.connect({ transports: ["websocket"] });
  await scene.time.until(() => client.state === "connected");
  const upload = client.upload("log", new Uint8Array(10));
  await scene.time.pass(100);
  scene.hub.everything = "hangs";
  for (let i = 0; i < 60; i += 1) client.emit("fill", "x".repeat(900));
  expect(client.queued).toBeGreaterThan(0);
  scene.hub.send(scene.hub.only, { type: "credit", stream: 1, credit: 64 });
  scene.hub.everything = "fine";
  scene.hub.cutAll();
  await scene.time.pass(10_000);
  scene.hub.send(scene.hub.only, { type: "end", stream: 1, data: "stored" });
  await scene.time.pass(1_000);
  await expect(upload).resolves.toBe("stored");
  client.close();
});
