import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { FailureError } from "@tidewire/hub";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FileStore } from "../../../server/transfers/file-store.js";
import type { StoreLimits } from "../../../server/transfers/limits.js";
import type { FileSource, StoredFile } from "../../../server/transfers/stored-file.js";

let parent: string;
let now: number;
const stores: FileStore[] = [];
const never = new AbortController().signal;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "store-test-"));
  now = 1_000_000;
});

afterEach(() => {
  for (const store of stores.splice(0)) store.close();
  rmSync(parent, { recursive: true, force: true });
});

function open(limits: Partial<StoreLimits> = {}): FileStore {
  const store = new FileStore({ limits, parent, now: () => now });
  stores.push(store);
  return store;
}

let lastId = 0;
function facts(size: number, { name = "a.txt", owner = "ada" } = {}) {
  lastId += 1;
  return { id: String(lastId), name, size, owner };
}

/** Bytes that the test hands out when it likes. */
class Source implements FileSource {
  sha256: string | undefined;
  readonly #hash = createHash("sha256");
  readonly #queue: (Uint8Array | Error | undefined)[] = [];
  #wake: () => void = () => {};

  give(...parts: (string | Error | undefined)[]): void {
    this.#queue.push(...parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      while (this.#queue.length === 0)
        await new Promise<void>((done) => {
          this.#wake = done;
        });
      const next = this.#queue.shift();
      if (next instanceof Error) throw next;
      if (next === undefined) break;
      this.#hash.update(next);
      yield next;
    }
    this.sha256 = this.#hash.digest("hex");
  }
}

async function keep(store: FileStore, text: string, claim = {}): Promise<StoredFile> {
  const file = store.announce(facts(text.length, claim));
  const source = new Source();
  if (text !== "") source.give(text);
  source.give(undefined);
  await store.receive(file, source);
  return file;
}

async function textOf(file: StoredFile, signal = never): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of file.read(signal)) parts.push(part);
  return Buffer.concat(parts).toString();
}

const folders = () => readdirSync(parent);
const kept = () => folders().flatMap((folder) => readdirSync(join(parent, folder)));

describe("what is kept", () => {
  test("a file is read back as it was sent, with its SHA-256", async () => {
    const file = await keep(open(), "hello");
    expect(await textOf(file)).toBe("hello");
    expect(file.sha256).toBe(createHash("sha256").update("hello").digest("hex"));
  });

  test("an empty file as well", async () => {
    const file = await keep(open(), "");
    expect(await textOf(file)).toBe("");
    expect(file.sha256).toBe(createHash("sha256").digest("hex"));
  });

  test("readers follow a file that arrives, from its first byte on, each at its own pace", async () => {
    const store = open();
    const file = store.announce(facts(6));
    const source = new Source();
    const received = store.receive(file, source);
    const early = file.read(never);
    const first = early.next();
    source.give("ab");
    expect(Buffer.from((await first).value ?? []).toString()).toBe("ab");
    const whole = textOf(file);
    source.give("cd", "ef");
    const rest: string[] = [];
    const follow = (async () => {
      for await (const part of early) rest.push(Buffer.from(part).toString());
    })();
    await expect.poll(() => rest.join("")).toBe("cdef");
    let isDone = false;
    follow.then(() => {
      isDone = true;
    });
    await new Promise(setImmediate);
    // All bytes are there, but nobody knows yet whether they are the right ones.
    expect(isDone).toBe(false);
    source.give(undefined);
    await Promise.all([received, follow]);
    expect(await whole).toBe("abcdef");
  });

  test("it lies under a name of ours, in a folder for this user only", async () => {
    const file = await keep(open(), "x", { name: "../../evil\u202e.sh" });
    expect(file.facts.name).toBe("evil.sh");
    expect(kept()).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    const folder = join(parent, folders()[0]!);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, kept()[0]!)).mode & 0o777).toBe(0o600);
  });

  test("a folder that the system has cleaned away is made again", async () => {
    const store = open();
    await keep(store, "one");
    rmSync(join(parent, folders()[0]!), { recursive: true });
    expect(await textOf(await keep(store, "two"))).toBe("two");
  });
});

describe("limits, each at its bound and beyond it", () => {
  const refused = (code: string, message: string) =>
    expect.objectContaining({ code, message: expect.stringContaining(message) });

  test("the size of a file, before its first byte", () => {
    const store = open({ fileBytesMax: 2_048 });
    store.announce(facts(2_048));
    expect(() => store.announce(facts(2_049, { name: "b.iso" }))).toThrow(
      refused("too-large", "“b.iso” has 2,049 bytes; the limit per file is 2,048 bytes."),
    );
    expect(folders().length).toBe(1);
    expect(kept()).toEqual([]);
  });

  test("the files of a visitor", () => {
    const store = open({ visitorFilesMax: 2 });
    const first = store.announce(facts(1));
    store.announce(facts(1));
    expect(() => store.announce(facts(1))).toThrow(
      refused("too-many-files", "You have 2 files here; the limit per visitor is 2."),
    );
    store.announce(facts(1, { owner: "bob" }));
    store.remove(first, new FailureError("removed"));
    store.announce(facts(1));
  });

  test("the bytes of a visitor, as announced and not as arrived", () => {
    const store = open({ visitorBytesMax: 10 });
    store.announce(facts(6));
    expect(() => store.announce(facts(5, { name: "b" }))).toThrow(
      refused(
        "too-many-bytes",
        "With “b” you would have 11 bytes here; the limit per visitor is 10 bytes.",
      ),
    );
    store.announce(facts(4));
    store.announce(facts(10, { owner: "bob" }));
  });

  test("the files and the bytes of all", () => {
    const store = open({ filesMax: 2, bytesMax: 10 });
    store.announce(facts(6));
    expect(() => store.announce(facts(5, { name: "b", owner: "bob" }))).toThrow(
      refused("store-full", "“b” has 5 bytes; of the 10 bytes for all visitors, 4 bytes are free."),
    );
    store.announce(facts(4, { owner: "bob" }));
    expect(() => store.announce(facts(0, { owner: "eve" }))).toThrow(
      refused("store-full", "There are 2 files of all visitors here, which is the limit."),
    );
  });

  test("an id twice", () => {
    const store = open();
    const claim = facts(1);
    store.announce(claim);
    expect(() => store.announce(claim)).toThrow(refused("invalid", "here already"));
  });
});

describe("the end of a file", () => {
  test("what does not arrive whole is removed, and its place is free again", async () => {
    const store = open({ visitorBytesMax: 4 });
    const gone: string[] = [];
    const claim = facts(4);
    const file = store.announce(claim, { gone: (_, reason) => gone.push(reason.message) });
    const source = new Source();
    source.give("ab", new FailureError("cancelled", "no more"));
    await expect(store.receive(file, source)).rejects.toThrow("no more");
    expect(gone).toEqual(["It was cancelled by its sender."]);
    expect(store.find(claim.id)).toBeUndefined();
    await expect.poll(kept).toEqual([]);
    store.announce(facts(4));
  });

  test("removed while it arrives: sender and readers are told why", async () => {
    const store = open();
    const file = store.announce(facts(4));
    const source = new Source();
    const received = store.receive(file, source);
    source.give("ab");
    await expect.poll(() => file.received).toBe(2);
    const reading = textOf(file);
    const all = Promise.allSettled([received, reading]);
    await store.remove(file, new FailureError("removed", "away with it"));
    for (const outcome of await all) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { message: "away with it" } });
    }
    source.give(new Error("the hub cancels the stream"));
    await expect.poll(kept).toEqual([]);
  });

  test("a reader that gives up does not wait for the next byte", async () => {
    const store = open();
    const file = store.announce(facts(4));
    const source = new Source();
    const received = store.receive(file, source).catch(() => {});
    const abort = new AbortController();
    const reading = textOf(file, abort.signal);
    abort.abort(new Error("left"));
    await expect(reading).rejects.toThrow("left");
    source.give(new FailureError("cancelled"));
    await received;
  });

  test("complete files expire after their time, and no earlier", async () => {
    const store = open({ keepMs: 60_000 });
    const reasons: string[] = [];
    const file = store.announce(facts(1), { gone: (_, reason) => reasons.push(reason.message) });
    const source = new Source();
    source.give("x", undefined);
    await store.receive(file, source);
    now += 59_999;
    store.sweep();
    expect(store.find(file.facts.id)).toBe(file);
    now += 1;
    store.sweep();
    expect(reasons).toEqual(["Files are kept for a minute."]);
    await expect.poll(kept).toEqual([]);
    await expect(textOf(file)).rejects.toMatchObject({ code: "expired" });
  });

  test("a file of which nothing arrives is given up after its time", async () => {
    const store = open({ stallMs: 600_000 });
    const file = store.announce(facts(2));
    const source = new Source();
    const received = store.receive(file, source);
    const outcome = expect(received).rejects.toMatchObject({ code: "expired" });
    now += 599_999;
    source.give("x");
    await expect.poll(() => file.received).toBe(1);
    now += 599_999;
    store.sweep();
    expect(store.find(file.facts.id)).toBe(file);
    now += 1;
    store.sweep();
    await outcome;
    source.give(new Error("the hub cancels the stream"));
    await expect.poll(kept).toEqual([]);
  });
});

describe("the folder", () => {
  test("there is none until a file comes, and none after the store is closed", async () => {
    const store = open();
    expect(folders()).toEqual([]);
    const file = await keep(store, "x");
    expect(folders()).toHaveLength(1);
    store.close();
    expect(folders()).toEqual([]);
    await expect(textOf(file)).rejects.toThrow("The server is stopping.");
    expect(() => store.announce(facts(1))).toThrow("The server is stopping.");
  });

  test("it goes with a process that ends without closing the store", async () => {
    const before = new Set(process.listeners("exit"));
    const store = open();
    await keep(store, "x");
    const added = process.listeners("exit").filter((listener) => !before.has(listener));
    expect(added).toHaveLength(1);
    added[0]?.(0);
    expect(folders()).toEqual([]);
    expect(process.listeners("exit").filter((listener) => !before.has(listener))).toEqual([]);
  });

  test("what a killed process has left is removed at the next start, and nothing else", async () => {
    const ended = spawnSync(process.execPath, ["-e", ""]).pid;
    const host = hostname()
      .replace(/[^a-z0-9]/giu, "")
      .slice(0, 32);
    const others = [
      `tidewire-files-${host}-${process.ppid}-abcdef`,
      `tidewire-files-elsewhere-${ended}-abcdef`,
      `tidewire-files-${host}-${ended}`,
      `my-tidewire-files-${host}-${ended}-abcdef`,
    ];
    for (const name of others) mkdirSync(join(parent, name));
    const stale = join(parent, `tidewire-files-${host}-${ended}-abcdef`);
    mkdirSync(stale);
    writeFileSync(join(stale, "left"), "x");
    const link = `tidewire-files-${host}-${ended}-linked`;
    symlinkSync(join(parent, others[0]!), join(parent, link));
    const running = open();
    await keep(running, "x");
    const own = folders().filter((name) => !others.includes(name) && name !== link);
    expect(own).toHaveLength(1);
    open();
    expect(existsSync(stale)).toBe(false);
    expect(new Set(folders())).toEqual(new Set([...others, link, ...own]));
  });
});
