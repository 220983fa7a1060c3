// The page's half and the server's half of the files, on lines that the test can cut.
import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { StoreLimits } from "../../../../server/transfers/limits.js";
import type { Drop } from "../../../../web/pages/files/drop.js";
import { FilesModel } from "../../../../web/pages/files/files-model.js";
import type { ShowcaseClient } from "../../../../web/session/session.js";
import { FilesScene, randomBytes } from "../../../files-scene.js";

interface Tab {
  readonly client: ShowcaseClient;
  readonly model: FilesModel;
  readonly saved: { name: string; blob: Blob }[];
}

let scene: FilesScene;
const models: FilesModel[] = [];

beforeEach(async () => {
  scene = await FilesScene.open();
});

afterEach(async () => {
  for (const model of models.splice(0)) model.dispose();
  await scene.close();
  expect(scene.errors).toEqual([]);
});

/** Instead of the one there is. */
async function limitTo(limits: Partial<StoreLimits>): Promise<void> {
  await scene.close();
  scene = await FilesScene.open(limits);
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 15_000 });

async function openTab(name: string, room = "tea"): Promise<Tab> {
  const client = scene.connect(name);
  const saved: Tab["saved"] = [];
  const save = (blob: Blob, as: string) => saved.push({ name: as, blob });
  const model = new FilesModel({ client, name: () => name, save });
  models.push(model);
  model.show(room);
  await until(() => expect(model.limits.value).toBeDefined());
  return { client, model, saved };
}

function fileOf(bytes: BlobPart, name = "a.bin"): File {
  return new File([bytes], name);
}

/** Reads as a disk does that the test holds: nothing after so many bytes until it says so. */
class HeldFile extends File {
  readonly heldAt: number;
  #goOn: () => void = () => {};
  readonly #isFree: Promise<void>;
  #error: DOMException | undefined;

  constructor(bytes: Uint8Array<ArrayBuffer>, heldAt: number, name = "held.bin") {
    super([bytes], name);
    this.heldAt = heldAt;
    this.#isFree = new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }

  release(error?: DOMException): void {
    this.#error = error;
    this.#goOn();
  }

  override slice(start = 0, end = this.size): Blob {
    const piece = super.slice(start, end);
    const read = piece.arrayBuffer.bind(piece);
    piece.arrayBuffer = async () => {
      if (end > this.heldAt) await this.#isFree;
      if (this.#error !== undefined) throw this.#error;
      return await read();
    };
    return piece;
  }
}

const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const only = ({ model }: Tab): Drop => {
  expect(model.drops.value).toHaveLength(1);
  return model.drops.value[0]!;
};
const upload = (drop: Drop) => drop.upload.value?.state.value;
const download = (drop: Drop) => drop.download.value?.state.value;
const pace = (drop: Drop) => {
  const presence = drop.presence.value;
  return presence.type === "arriving" ? presence.pace : presence.type;
};

describe("a file from one to the other", () => {
  test("both have the same SHA-256, and the receiver gets it to save", async () => {
    const [ada, bob] = [await openTab("ada"), await openTab("bob")];
    const bytes = randomBytes(700_000);
    ada.model.send([fileOf(bytes, "report.pdf")]);
    await until(() => expect(upload(only(ada))).toEqual({ type: "done", result: digestOf(bytes) }));
    await until(() => expect(pace(only(bob))).toBe("complete"));
    const drop = only(bob);
    expect(drop.facts).toMatchObject({ name: "report.pdf", size: 700_000, by: "ada" });
    expect([only(ada).isOurs, drop.isOurs]).toEqual([true, false]);
    bob.model.fetch(drop);
    await until(() => expect(download(drop)).toMatchObject({ type: "done" }));
    expect(bob.saved).toEqual([{ name: "report.pdf", blob: expect.any(Blob) }]);
    const { blob } = bob.saved[0]!;
    expect(blob.type).toBe("application/octet-stream");
    expect(digestOf(new Uint8Array(await blob.arrayBuffer()))).toBe(digestOf(bytes));
    expect([ada.model.news.value, bob.model.news.value]).toEqual([
      "report.pdf was sent.",
      "report.pdf was received.",
    ]);
  });

  test("the receiver follows it while it arrives, over lines that break, and is told of a pause", async () => {
    const [ada, bob] = [await openTab("ada"), await openTab("bob")];
    const bytes = randomBytes(6_000_000);
    const file = new HeldFile(bytes, 2_000_000);
    ada.model.send([file]);
    await until(() => expect(only(bob).gauge.bytes.value).toBeGreaterThan(1_000_000));
    expect(ada.model.isBusy.value).toBe(true);
    bob.model.fetch(only(bob));
    await until(() =>
      expect(only(bob).download.value?.gauge.bytes.value).toBeGreaterThan(1_000_000),
    );
    scene.cut();
    ada.model.pause(only(ada));
    await until(() => expect(pace(only(bob))).toBe("paused"));
    file.release();
    ada.model.resume(only(ada));
    scene.cut();
    await until(() => expect(upload(only(ada))).toEqual({ type: "done", result: digestOf(bytes) }));
    await until(() => expect(download(only(bob))).toMatchObject({ type: "done" }));
    expect(download(only(bob))).toMatchObject({ result: { sha256: digestOf(bytes) } });
    expect(ada.model.isBusy.value).toBe(false);
  });

  test("many at once: two move, the others wait; all arrive", async () => {
    const [ada, bob] = [await openTab("ada"), await openTab("bob")];
    const held = [new HeldFile(randomBytes(300_000), 0), new HeldFile(randomBytes(300_000), 0)];
    const others = Array.from({ length: 8 }, (_, seed) =>
      fileOf(randomBytes(1_000, seed), "same.txt"),
    );
    ada.model.send([...held, fileOf("", "empty"), ...others]);
    const states = () => ada.model.drops.value.map((drop) => upload(drop)?.type).reverse();
    await until(() => expect(states().slice(0, 3)).toEqual(["moving", "moving", "waiting"]));
    // One that pauses lets another go first.
    ada.model.pause(ada.model.drops.value.at(-1)!);
    await until(() => expect(states().slice(2)).toEqual(new Array(9).fill("done")));
    ada.model.resume(ada.model.drops.value.at(-1)!);
    for (const file of held) file.release();
    await until(() => expect(new Set(states())).toEqual(new Set(["done"])));
    await until(() =>
      expect(new Set(bob.model.drops.value.map(pace))).toEqual(new Set(["complete"])),
    );
    expect(bob.model.drops.value).toHaveLength(11);
    for (const drop of bob.model.drops.value) bob.model.fetch(drop);
    await until(() => expect(bob.saved).toHaveLength(11));
  });
});

describe("what goes wrong", () => {
  test("cancelled: it is off both lists, and nothing is left", async () => {
    const [ada, bob] = [await openTab("ada"), await openTab("bob")];
    ada.model.send([new HeldFile(randomBytes(600_000), 300_000)]);
    await until(() => expect(only(bob).gauge.bytes.value).toBeGreaterThan(0));
    bob.model.fetch(only(bob));
    const drop = only(bob);
    only(ada).upload.value?.cancel();
    expect(ada.model.drops.value).toEqual([]);
    await until(() => expect(download(drop)).toMatchObject({ type: "failed", canRetry: true }));
    expect(download(drop)).toMatchObject({ reason: "It was cancelled by its sender." });
    await until(() => expect(scene.kept).toEqual([]));
  });

  test("too large: refused here, with limit and value, without asking the server", async () => {
    await limitTo({ fileBytesMax: 1_000 });
    const [ada, bob] = [await openTab("ada"), await openTab("bob")];
    ada.model.send([fileOf(randomBytes(1_001), "big"), fileOf(randomBytes(1_000), "fits")]);
    const [fits, big] = ada.model.drops.value as [Drop, Drop];
    expect(big.refusal.value).toBe("“big” has 1001 bytes; the limit per file is 1000 bytes.");
    await until(() => expect(upload(fits)?.type).toBe("done"));
    expect(bob.model.drops.value.map(({ facts }) => facts.name)).toEqual(["fits"]);
  });

  test("too many: refused by the server, and taken after one was removed", async () => {
    await limitTo({ visitorFilesMax: 1 });
    const ada = await openTab("ada");
    ada.model.send([fileOf("1", "one")]);
    await until(() => expect(pace(only(ada))).toBe("complete"));
    ada.model.send([fileOf("2", "two")]);
    const state = () => upload(ada.model.drops.value[0]!);
    await until(() => expect(state()?.type).toBe("failed"));
    expect(state()).toMatchObject({
      reason: "You have 1 files here; the limit per visitor is 1. Remove one first.",
      canRetry: true,
    });
    await ada.model.remove(ada.model.drops.value[1]!);
    ada.model.retry(only(ada));
    await until(() => expect(upload(only(ada))?.type).toBe("done"));
  });

  test("the file changes or disappears while it is read", async () => {
    const [ada, bob] = [await openTab("ada"), await openTab("bob")];
    const file = new HeldFile(randomBytes(600_000), 300_000);
    ada.model.send([file]);
    await until(() => expect(only(bob).gauge.bytes.value).toBeGreaterThan(0));
    file.release(new DOMException("changed", "NotReadableError"));
    await until(() => expect(upload(only(ada))).toMatchObject({ type: "failed", canRetry: false }));
    expect(ada.model.news.value).toContain("it was changed, moved or removed after it was chosen");
    await until(() => expect(bob.model.drops.value).toEqual([]));
  });

  test("the server is restarted: both are told, and it is sent once more", async () => {
    const [ada, bob] = [await openTab("ada"), await openTab("bob")];
    const bytes = randomBytes(600_000);
    const file = new HeldFile(bytes, 300_000);
    ada.model.send([fileOf("whole"), file]);
    await until(() => expect(bob.model.drops.value.map(pace)).toEqual(["moving", "complete"]));
    await until(() => expect(bob.model.drops.value[0]?.gauge.bytes.value).toBeGreaterThan(0));
    bob.model.fetch(bob.model.drops.value[0]!);
    await until(() => expect(download(bob.model.drops.value[0]!)?.type).toBe("moving"));
    // Also one that is paused is told at once, not when it goes on.
    ada.model.pause(ada.model.drops.value[0]!);
    file.release();
    await scene.restart();
    const [half, whole] = ada.model.drops.value as [Drop, Drop];
    await until(() => expect(upload(half)).toMatchObject({ type: "failed", canRetry: true }));
    expect(ada.model.news.value).toContain("The server does not know this transfer any more");
    await until(() => expect(pace(whole)).toBe("gone"));
    await until(() => expect(download(only(bob))).toMatchObject({ type: "failed" }));
    ada.model.retry(half);
    ada.model.retry(whole);
    await until(() => expect(bob.model.drops.value.map(pace)).toContain("complete"));
    await until(() =>
      expect(ada.model.drops.value.map((drop) => upload(drop)?.type)).toEqual(["done", "done"]),
    );
    expect(upload(ada.model.drops.value[0]!)).toMatchObject({ result: digestOf(bytes) });
  });

  test("a folder, and more than are taken at once", async () => {
    const ada = await openTab("ada");
    ada.model.send([], ["photos"]);
    expect(ada.model.notice.value).toBe(
      "“photos” is a folder: only files are taken. Open it and choose the files in it.",
    );
    ada.model.send(Array.from({ length: 101 }, () => fileOf("")));
    expect(ada.model.notice.value).toBe("These are 101 files; at most 100 are taken at once.");
    expect(ada.model.drops.value).toEqual([]);
  });
});

describe("rooms", () => {
  test("what is sent in one is not seen in another, and goes on when one leaves", async () => {
    const [ada, bob] = [await openTab("ada"), await openTab("bob", "coffee")];
    const file = new HeldFile(randomBytes(600_000), 300_000);
    ada.model.send([file]);
    ada.model.show("coffee");
    expect(ada.model.drops.value).toEqual([]);
    expect(ada.model.isBusy.value).toBe(true);
    await until(() => expect([ada.model.people.value, bob.model.people.value]).toEqual([2, 2]));
    file.release();
    await until(() => expect(ada.model.isBusy.value).toBe(false));
    expect(bob.model.drops.value).toEqual([]);
    bob.model.show("tea");
    await until(() => expect(bob.model.drops.value).toHaveLength(1));
    ada.model.show("tea");
    expect(upload(only(ada))?.type).toBe("done");
  });

  test("after a reload one's own files are known as one's own", async () => {
    const ada = await openTab("ada");
    ada.model.send([fileOf("x")]);
    await until(() => expect(pace(only(ada))).toBe("complete"));
    ada.client.close();
    const again = await openTab("ada");
    expect(only(again)).toMatchObject({ isOurs: true });
    await again.model.remove(only(again));
    expect(again.model.drops.value).toEqual([]);
  });
});
