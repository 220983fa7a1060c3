import { createHash } from "node:crypto";
import type { ClientStream } from "@tidewire/client";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { actionsBurst, awayMs, downloadsMax } from "../../../../server/pages/files/limits.js";
import type { FileProgress, SharedFile } from "../../../../shared/files/contract.js";
import type { ShowcaseClient } from "../../../../web/session/session.js";
import { CutProxy } from "../../../cut-proxy.js";
import { FilesScene, randomBytes } from "../../../files-scene.js";

let scene: FilesScene;

beforeEach(async () => {
  scene = await FilesScene.open({ fileBytesMax: 1_000_000, visitorFilesMax: 10 });
});

afterEach(async () => {
  await scene.close();
  // What peers do wrong is told to them, and is no error of ours.
  expect(scene.errors).toEqual([]);
});

/** Busy machines take their time. */
const until = (check: () => void) => vi.waitFor(check, { timeout: 15_000 });
const fileId = (number: number) => number.toString(16).padStart(32, "0");
const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const join = (client: ShowcaseClient, room = "tea") => client.request("files.join", { room });

interface Offer {
  readonly name?: string;
  readonly room?: string;
  readonly sha256?: string;
}

function put(client: ShowcaseClient, number: number, bytes: Uint8Array, offer: Offer = {}) {
  const { name = "a.txt", room = "tea", sha256 } = offer;
  const meta = { room, id: fileId(number), by: "Ada" };
  return client.upload("files.put", bytes, { name, meta, ...(sha256 && { sha256 }) });
}

/** An upload that ends only when the test says so. */
async function begin(client: ShowcaseClient, number: number, size: number, first: Uint8Array) {
  const data = {
    name: "slow.bin",
    size,
    type: "",
    meta: { room: "tea", id: fileId(number), by: "Ada" },
  };
  const stream: ClientStream<Uint8Array> = client.stream("files.put", data);
  if (first.length > 0) await stream.write(first);
  return stream;
}

async function get(client: ShowcaseClient, number: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of client.download("files.get", { id: fileId(number) }))
    parts.push(part.slice());
  return Buffer.concat(parts);
}

/** What a member of the room is told, from now on. */
function hear(client: ShowcaseClient) {
  const heard = {
    added: [] as SharedFile[],
    progress: [] as FileProgress[],
    complete: [] as string[],
    gone: [] as string[],
  };
  client.on("files.added", ({ file }) => heard.added.push(file));
  client.on("files.progress", ({ files }) => heard.progress.push(...files));
  client.on("files.complete", ({ sha256 }) => heard.complete.push(sha256));
  client.on("files.gone", ({ reason }) => heard.gone.push(reason));
  return heard;
}

describe("a file for the room", () => {
  test("everyone in the room is told, gets the same bytes, and nobody else is told", async () => {
    const [ada, bob, eve] = [scene.connect("ada"), scene.connect("bob"), scene.connect("eve")];
    await Promise.all([join(ada), join(bob), join(eve, "other")]);
    const [heard, elsewhere] = [hear(bob), hear(eve)];
    const bytes = randomBytes(300_000);
    const answer = await put(ada, 1, bytes, { name: "../../evil\u202egnp.exe" });
    expect(answer).toEqual({ sha256: digestOf(bytes) });
    await until(() => expect(heard.complete).toEqual([digestOf(bytes)]));
    expect(heard.added).toEqual([
      expect.objectContaining({
        name: "evilgnp.exe",
        size: 300_000,
        by: { id: expect.any(String), name: "Ada" },
      }),
    ]);
    expect((await get(bob, 1)).equals(bytes)).toBe(true);
    const { files, limits } = await join(scene.connect("late"));
    expect(files).toEqual([
      expect.objectContaining({ received: 300_000, sha256: digestOf(bytes) }),
    ]);
    expect(limits).toMatchObject({ fileBytesMax: 1_000_000, visitorFilesMax: 10 });
    await join(eve, "other");
    expect(elsewhere).toEqual({ added: [], progress: [], complete: [], gone: [] });
  });

  test("an empty file, and two of the same name", async () => {
    const ada = scene.connect("ada");
    await join(ada);
    await put(ada, 1, new Uint8Array(0));
    await put(ada, 2, randomBytes(5, 2));
    await put(ada, 3, randomBytes(5, 3));
    expect((await get(ada, 1)).length).toBe(0);
    expect((await get(ada, 2)).equals(randomBytes(5, 2))).toBe(true);
    expect((await get(ada, 3)).equals(randomBytes(5, 3))).toBe(true);
    expect((await join(ada)).files.map(({ name }) => name)).toEqual(["a.txt", "a.txt", "a.txt"]);
  });

  test("it is fetched while it arrives, over lines that break", async () => {
    const [ada, bob] = [scene.connect("ada"), scene.connect("bob")];
    await Promise.all([join(ada), join(bob)]);
    const heard = hear(bob);
    const bytes = randomBytes(200_000);
    const stream = await begin(ada, 1, bytes.length, bytes.subarray(0, 50_000));
    await until(() => expect(heard.added).toHaveLength(1));
    const fetched = get(bob, 1);
    await until(() => expect(heard.progress.at(-1)?.received).toBe(50_000));
    scene.cut();
    await stream.write(bytes.subarray(50_000, 100_000));
    scene.cut();
    await stream.write(bytes.subarray(100_000, 150_000));
    await stream.write(bytes.subarray(150_000));
    stream.end({ sha256: digestOf(bytes) });
    expect(await stream.result).toEqual({ sha256: digestOf(bytes) });
    expect((await fetched).equals(bytes)).toBe(true);
  });

  test("what arrives is not what was announced: it is refused and removed", async () => {
    const ada = scene.connect("ada");
    await join(ada);
    const wrong = put(ada, 1, randomBytes(10), { sha256: "0".repeat(64) });
    await expect(wrong).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringContaining("SHA-256"),
    });
    const short = await begin(ada, 2, 10, randomBytes(5));
    short.end();
    await expect(short.result).rejects.toMatchObject({ code: "invalid" });
    const long = await begin(ada, 3, 10, randomBytes(11));
    await expect(long.result).rejects.toMatchObject({ code: "too-large" });
    await until(() => expect(scene.kept).toEqual([]));
    expect((await join(ada)).files).toEqual([]);
  });
});

describe("what becomes of it is told", () => {
  test("paused, away and back", async () => {
    const [ada, bob] = [scene.connect("ada"), scene.connect("bob")];
    await Promise.all([join(ada), join(bob)]);
    const heard = hear(bob);
    const stream = await begin(ada, 1, 10, randomBytes(5));
    const pace = () => heard.progress.at(-1)?.pace;
    await until(() => expect(pace()).toBe("moving"));
    ada.emit("files.pause", { id: fileId(1), isPaused: true });
    await until(() => expect(pace()).toBe("paused"));
    bob.emit("files.pause", { id: fileId(1), isPaused: false });
    await join(bob);
    ada.emit("files.pause", { id: fileId(1), isPaused: false });
    await until(() => expect(pace()).toBe("moving"));
    expect(heard.progress.map((file) => file.pace)).toEqual(["moving", "paused", "moving"]);
    ada.close();
    await until(() => expect(heard.gone).toEqual(["Its sender has gone."]));
    expect(stream.isOver).toBe(true);
  });

  test("a sender whose line is cut is away after a while, and comes back", async () => {
    const proxy = await CutProxy.open(scene.port);
    onTestFinished(() => proxy.close());
    const [ada, bob] = [scene.connect("ada", proxy.url), scene.connect("bob")];
    await Promise.all([join(ada), join(bob)]);
    const heard = hear(bob);
    const bytes = randomBytes(10);
    const stream = await begin(ada, 1, 10, bytes.subarray(0, 5));
    const pace = () => heard.progress.at(-1)?.pace;
    await until(() => expect(pace()).toBe("moving"));
    const unlinked = new Promise<void>((resolve) => {
      scene.hub.onLink((peer, isLinked) => {
        if (peer.id === ada.session && !isLinked) resolve();
      });
    });
    proxy.cut();
    await unlinked;
    scene.now += awayMs - 1;
    await join(bob);
    expect(pace()).toBe("moving");
    scene.now += 1;
    await until(() => expect(pace()).toBe("away"));
    proxy.mend();
    ada.retry();
    await until(() => expect(pace()).toBe("moving"));
    await stream.write(bytes.subarray(5));
    stream.end();
    expect(await stream.result).toEqual({ sha256: digestOf(bytes) });
  });

  test("cancelled by its sender: the place is free, nothing is left, everybody knows", async () => {
    const [ada, bob] = [scene.connect("ada"), scene.connect("bob")];
    await Promise.all([join(ada), join(bob)]);
    const heard = hear(bob);
    const stream = await begin(ada, 1, 10, randomBytes(5));
    await until(() => expect(scene.kept).toHaveLength(1));
    const fetched = expect(get(bob, 1)).rejects.toMatchObject({ code: "cancelled" });
    stream.cancel();
    await until(() => expect(heard.gone).toEqual(["It was cancelled by its sender."]));
    await fetched;
    await until(() => expect(scene.kept).toEqual([]));
  });

  test("removed by its sender, and by nobody else", async () => {
    const [ada, bob] = [scene.connect("ada"), scene.connect("bob")];
    await Promise.all([join(ada), join(bob)]);
    const heard = hear(bob);
    await put(ada, 1, randomBytes(10));
    const removal = { id: fileId(1) };
    await expect(bob.request("files.remove", removal)).rejects.toMatchObject({ code: "forbidden" });
    await ada.request("files.remove", removal);
    await until(() => expect(heard.gone).toEqual(["Its sender has removed it."]));
    expect(scene.kept).toEqual([]);
    await expect(get(bob, 1)).rejects.toMatchObject({ code: "gone" });
    await expect(ada.request("files.remove", removal)).resolves.toBeNull();
  });

  test("its time is over", async () => {
    const ada = scene.connect("ada");
    await join(ada);
    const heard = hear(ada);
    await put(ada, 1, randomBytes(10));
    scene.laterMs = scene.store.limits.keepMs;
    scene.store.sweep();
    await until(() => expect(heard.gone).toEqual(["Files are kept for an hour."]));
  });
});

describe("who may do what", () => {
  test("over a limit: refused before a byte is sent, with the limit and the value", async () => {
    const ada = scene.connect("ada");
    await join(ada);
    let read = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      read += 1;
      yield new Uint8Array(65_536);
    }
    const meta = { room: "tea", id: fileId(1), by: "" };
    const options = { size: 1_073_741_824, name: "disk.iso", meta };
    const refused = ada.upload("files.put", source(), options);
    await expect(refused).rejects.toMatchObject({
      code: "too-large",
      message: "“disk.iso” has 1 GiB; the limit per file is 977 KiB.",
    });
    expect(scene.kept).toEqual([]);
    expect(read).toBeLessThanOrEqual(1);
    for (let number = 1; number <= 10; number += 1) await put(ada, number, randomBytes(1));
    await expect(put(ada, 11, randomBytes(1))).rejects.toMatchObject({
      code: "too-many-files",
      message: expect.stringContaining("You have 10 files here; the limit per visitor is 10."),
    });
  });

  test("an id that is taken, and one that is none", async () => {
    const [ada, eve] = [scene.connect("ada"), scene.connect("eve")];
    await put(ada, 1, randomBytes(10));
    await expect(put(eve, 1, randomBytes(20))).rejects.toMatchObject({ code: "invalid" });
    expect((await get(ada, 1)).equals(randomBytes(10))).toBe(true);
    const meta = { room: "tea", id: "../x", by: "" };
    const bad = { name: "a", size: 0, type: "", meta };
    const careless = scene.connectCareless("eve");
    await expect(careless.stream("files.put", bad).result).rejects.toMatchObject({
      code: "invalid",
    });
  });

  test("guests may not: limits are per visitor", async () => {
    const guest = scene.connect(undefined);
    await expect(join(guest)).rejects.toMatchObject({ code: "forbidden" });
    await expect(put(guest, 1, randomBytes(1))).rejects.toMatchObject({ code: "forbidden" });
    await expect(get(guest, 1)).rejects.toMatchObject({ code: "forbidden" });
  });

  test("so much at once and no more", async () => {
    const ada = scene.connect("ada");
    for (let number = 0; number < actionsBurst; number += 1) await join(ada);
    await expect(join(ada)).rejects.toMatchObject({ code: "too-fast", data: { retryInMs: 200 } });
    scene.now += 200;
    await join(ada);
  });

  test("so many downloads at once and no more", async () => {
    const ada = scene.connect("ada");
    const stream = await begin(ada, 1, 10, randomBytes(5));
    await until(() => expect(scene.store.find(fileId(1))?.received).toBe(5));
    const waiting = Array.from({ length: downloadsMax }, () => get(ada, 1));
    await expect(get(ada, 1)).rejects.toMatchObject({ code: "busy" });
    await stream.write(randomBytes(10).subarray(5));
    stream.end();
    for (const fetched of waiting) expect((await fetched).equals(randomBytes(10))).toBe(true);
    await get(ada, 1);
  });

  test("one room at a time", async () => {
    const [ada, bob] = [scene.connect("ada"), scene.connect("bob")];
    await join(ada, "tea");
    await join(ada, "coffee");
    const heard = hear(ada);
    await put(bob, 1, randomBytes(1), { room: "tea" });
    await put(bob, 2, randomBytes(1), { room: "coffee" });
    await until(() => expect(heard.complete).toHaveLength(1));
    expect(heard.added.map(({ id }) => id)).toEqual([fileId(2)]);
    ada.emit("files.leave");
    await put(bob, 3, randomBytes(1), { room: "coffee" });
    expect((await join(ada, "coffee")).files.map(({ id }) => id)).toEqual([fileId(2), fileId(3)]);
    expect(heard.added).toHaveLength(1);
  });
});

test("closed in the middle of an upload and a download: nothing is left, nothing is thrown", async () => {
  const ada = scene.connect("ada");
  await begin(ada, 1, 10, randomBytes(5));
  await until(() => expect(scene.kept).toHaveLength(1));
  const fetched = get(ada, 1).catch((error: unknown) => error);
  await scene.restart();
  expect(scene.kept).toEqual([]);
  expect(await fetched).toMatchObject({ code: "lost" });
});
