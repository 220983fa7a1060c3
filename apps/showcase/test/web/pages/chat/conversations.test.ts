// Ticks, private conversations and files, from one page to another over a real server.
import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { attachmentBytesMax } from "../../../../shared/chat/limits.js";
import { privateRoom } from "../../../../shared/chat/private-room.js";
import { ChatModel } from "../../../../web/pages/chat/chat-model.js";
import { type Marks, ReceiptTeller } from "../../../../web/pages/chat/receipt-teller.js";
import { ChatScene, personId } from "../../../chat-scene.js";
import { randomBytes } from "../../../files-scene.js";

let scene: ChatScene;
const models: ChatModel[] = [];

beforeEach(async () => {
  scene = await ChatScene.open();
  scene.isHurried = true;
});

afterEach(async () => {
  for (const model of models.splice(0)) model.dispose();
  await scene.close();
  vi.useRealTimers();
  expect(scene.errors).toEqual([]);
});

async function open(name: string, attention = signal(true), rooms = ["lobby"]) {
  const client = scene.connect(name);
  const saved: { readonly blob: Blob; readonly name: string }[] = [];
  const remembered: string[][] = [];
  const model = new ChatModel({
    client,
    name,
    rooms,
    attention,
    save: (blob, fileName) => saved.push({ blob, name: fileName }),
    remember: (memory) => remembered.push(memory.rooms),
  });
  model.show(rooms[0] ?? "");
  models.push(model);
  await vi.waitFor(() => expect(model.me.value.id).not.toBe(""));
  await vi.waitFor(() => expect(model.currentRoom.value?.people.value).not.toEqual([]));
  const messages = () => model.currentRoom.value?.messages.value ?? [];
  return {
    client,
    model,
    saved,
    remembered,
    texts: () => messages().map(({ text }) => text),
    /** Of our last message. */
    fate: () => {
      const last = messages().findLast(({ by }) => by.id === model.me.value.id);
      return model.currentRoom.value?.receipts.value.get(last?.id ?? "")?.fate;
    },
  };
}

/** Marks are told at most every second. */
async function becomes(fate: () => string | undefined, expected: string): Promise<void> {
  await expect.poll(fate, { timeout: 10_000 }).toBe(expected);
}

const between = (one: string, other: string) => privateRoom(personId(one), personId(other));

describe("ticks", () => {
  test("delivered when the other page has it, read when somebody looks at it", async () => {
    const attention = signal(false);
    const [ada, bob] = [await open("Ada"), await open("Bob", attention)];
    ada.model.say("one");
    await becomes(ada.fate, "delivered");
    expect(bob.model.unread.value).toBe(1);
    attention.value = true;
    expect(bob.model.unread.value).toBe(0);
    await becomes(ada.fate, "read");
  });

  test("what is not in sight is not read: another room, or scrolled up", async () => {
    const [ada, bob] = [await open("Ada"), await open("Bob")];
    bob.model.show("tea");
    ada.model.say("one");
    await becomes(ada.fate, "delivered");
    const lobby = bob.model.rooms.value.get("lobby")!;
    lobby.isAtEnd.value = false;
    bob.model.show("lobby");
    expect(lobby.unread.value).toBe(1);
    lobby.isAtEnd.value = true;
    await becomes(ada.fate, "read");
  });

  test("a line that is cut, and a page that is loaded again: both know what the server knows", async () => {
    const [ada, bob] = [await open("Ada"), await open("Bob")];
    ada.model.say("one");
    await becomes(ada.fate, "read");
    await scene.unplug();
    ada.model.say("two");
    await scene.plug();
    await expect.poll(ada.texts).toEqual(["one", "two"]);
    await becomes(ada.fate, "read");
    bob.model.show("tea");
    ada.model.say("three");
    await becomes(ada.fate, "delivered");
    const [adaAgain, bobAgain] = [await open("Ada"), await open("Bob", signal(false))];
    await becomes(adaAgain.fate, "delivered");
    expect(bobAgain.model.unread.value).toBe(1);
    expect(bobAgain.texts()).toEqual(["one", "two", "three"]);
  });

  test("a server that has forgotten everything is told again", async () => {
    const [ada, bob] = [await open("Ada"), await open("Bob")];
    await scene.unplug();
    await scene.forget();
    ada.model.say("one");
    await scene.plug();
    await expect.poll(bob.texts).toEqual(["one"]);
    await becomes(ada.fate, "read");
  });

  test("marks are told at once, then at most every second, and only when they are news", () => {
    vi.useFakeTimers();
    const told: [string, Marks][] = [];
    const teller = new ReceiptTeller((room, marks) => told.push([room, marks]));
    const mark = (read: number) => ({ delivered: 100, read });
    teller.tell("tea", { delivered: 0, read: 0 });
    expect(told).toEqual([]);
    for (let read = 1; read <= 50; read += 1) teller.tell("tea", mark(read));
    teller.tell("lobby", mark(1));
    expect(told).toEqual([
      ["tea", mark(1)],
      ["lobby", mark(1)],
    ]);
    vi.advanceTimersByTime(999);
    expect(told).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(told.slice(2)).toEqual([["tea", mark(50)]]);
    vi.advanceTimersByTime(5_000);
    teller.tell("tea", mark(50));
    expect(told).toHaveLength(3);
    teller.forget("tea");
    teller.tell("tea", mark(50));
    expect(told).toHaveLength(4);
    teller.tell("tea", mark(60));
    teller.dispose();
    vi.advanceTimersByTime(5_000);
    expect(told).toHaveLength(4);
  });
});

describe("private conversations", () => {
  const room = between("Ada", "Bob");

  test("appear at the other one's when something is said, unread, under the name of who writes", async () => {
    const [ada, bob, eve] = [await open("Ada"), await open("Bob"), await open("Eve")];
    ada.model.show(room);
    await expect.poll(() => ada.model.currentRoom.value?.isOtherHere.value).toBe(true);
    expect(ada.model.currentRoom.value?.title.value).toBe("Bob");
    const theirs = () => bob.model.rooms.value.get(room);
    await expect.poll(() => theirs()?.title.value).toBe("Ada");
    expect(theirs()?.isListed.value).toBe(false);
    ada.model.say("psst");
    await expect.poll(() => theirs()?.unread.value).toBe(1);
    expect(theirs()?.isListed.value).toBe(true);
    await becomes(ada.fate, "delivered");
    bob.model.show(room);
    await becomes(ada.fate, "read");
    bob.model.typing();
    const typists = () => ada.model.currentRoom.value?.typists.value.map(({ name }) => name);
    await expect.poll(typists).toEqual(["Bob"]);
    expect(eve.model.rooms.value.has(room)).toBe(false);
  });

  test("what is said while the other one is away is unread on return; a restart loses nothing of it", async () => {
    const [ada, bob] = [await open("Ada"), await open("Bob")];
    ada.model.show(room);
    await expect.poll(() => ada.model.currentRoom.value?.isOtherHere.value).toBe(true);
    bob.client.close();
    await expect.poll(() => ada.model.currentRoom.value?.isOtherHere.value).toBe(false);
    expect(ada.model.currentRoom.value?.title.value).toBe("Bob");
    ada.model.say("one");
    await expect.poll(ada.texts).toEqual(["one"]);
    await scene.unplug();
    await expect.poll(() => ada.model.isConnected.value).toBe(false);
    ada.model.say("two");
    await scene.plug();
    await expect.poll(ada.texts).toEqual(["one", "two"]);
    const back = await open("Bob");
    await expect.poll(() => back.model.rooms.value.get(room)?.unread.value).toBe(2);
    expect(back.remembered.at(-1)).toEqual(["lobby"]);
    back.model.show(room);
    expect(back.texts()).toEqual(["one", "two"]);
    expect(back.remembered.at(-1)).toEqual(["lobby", room]);
    await becomes(ada.fate, "read");
  });

  test("somebody else's is refused in words, and not entered", async () => {
    const eve = await open("Eve");
    eve.model.show(room);
    await expect.poll(() => eve.model.notice.value).toContain("This conversation is private");
    expect(eve.model.currentRoom.value).toBeUndefined();
  });
});

describe("files", () => {
  test("one arrives identical, although the line is cut while it is sent and the page looks elsewhere", async () => {
    const [ada, bob] = [await open("Ada"), await open("Bob")];
    const bytes = randomBytes(2_000_000);
    ada.model.attach([new File([bytes], "data.bin")]);
    const gauge = () => ada.model.attachments.sending.value[0]?.transfer.value?.gauge.bytes.value;
    await expect.poll(() => gauge() ?? 0, { interval: 1 }).toBeGreaterThan(0);
    ada.model.show("tea");
    await scene.unplug();
    await scene.plug();
    const said = () => bob.model.currentRoom.value?.messages.value[0];
    await expect.poll(() => said()?.attachment?.name, { timeout: 10_000 }).toBe("data.bin");
    await expect.poll(() => ada.model.attachments.sending.value).toEqual([]);
    const received = bob.model.attachments.of("lobby", said()!.attachment!);
    bob.model.attachments.save(received);
    await expect.poll(() => bob.saved.length, { timeout: 10_000 }).toBe(1);
    expect(Buffer.from(await bob.saved[0]!.blob.arrayBuffer()).equals(bytes)).toBe(true);
    expect(received.isCompared.value).toBe(true);
  });

  test("one cancelled when all of it has left the page is never said", async () => {
    const [ada, bob] = [await open("Ada"), await open("Bob")];
    const { attachments } = ada.model;
    // The last moment: the server has all of it, and says so.
    const isCancelled = new Promise<void>((resolve) => {
      vi.spyOn(scene.store, "receive").mockImplementationOnce(async (file, source) => {
        const sha256 = await file.receive(source);
        attachments.cancel(attachments.sending.value[0]!);
        resolve();
        return sha256;
      });
    });
    ada.model.attach([new File([randomBytes(1_000_000)], "data.bin")]);
    await isCancelled;
    expect(attachments.sending.value).toEqual([]);
    ada.model.say("after");
    await expect.poll(bob.texts).toEqual(["after"]);
    await expect.poll(ada.texts).toEqual(["after"]);
  });

  test("one that has arrived is said although the line is cut before that; then it cannot be cancelled", async () => {
    const [ada, bob] = [await open("Ada"), await open("Bob")];
    const { attachments } = ada.model;
    ada.model.attach([new File([randomBytes(1_000_000)], "data.bin")]);
    const sending = attachments.sending.value[0]!;
    const cut = new Promise<void>((resolve) => {
      const stop = sending.isBeingSaid.subscribe((isBeingSaid) => {
        if (!isBeingSaid) return;
        attachments.cancel(sending);
        // The word has been given to the client, and does not get through.
        resolve(scene.unplug());
        queueMicrotask(() => stop());
      });
    });
    await cut;
    expect(attachments.sending.value).toEqual([sending]);
    expect(bob.texts()).toEqual([]);
    await scene.plug();
    await expect.poll(() => attachments.sending.value, { timeout: 10_000 }).toEqual([]);
    await expect.poll(() => bob.model.currentRoom.value?.messages.value.length).toBe(1);
    expect(bob.model.currentRoom.value?.messages.value[0]?.attachment?.name).toBe("data.bin");
  });

  test("too large: said at once, with the limit; too many at once, or a folder: told, not sent", async () => {
    const ada = await open("Ada");
    const large = new File([], "large.iso");
    Object.defineProperty(large, "size", { value: attachmentBytesMax * 2 });
    ada.model.attach([large]);
    const [sending] = ada.model.attachments.sending.value;
    expect(sending?.refusal.value).toBe("“large.iso” has 50 MiB; the limit per file is 25 MiB.");
    ada.model.attachments.cancel(sending!);
    expect(ada.model.attachments.sending.value).toEqual([]);
    ada.model.attach(Array.from({ length: 11 }, (_, at) => new File([], `${at}`)));
    expect(ada.model.notice.value).toContain("at most 10 are taken at once");
    ada.model.attach([], ["photos"]);
    expect(ada.model.notice.value).toContain("“photos” is a folder");
    expect(ada.model.attachments.sending.value).toEqual([]);
  });

  test("a server that has forgotten it says why; it can be tried again, and is said once", async () => {
    const [ada, bob] = [await open("Ada"), await open("Bob")];
    ada.model.attach([new File([randomBytes(2_000_000)], "data.bin")]);
    const sending = () => ada.model.attachments.sending.value[0];
    const bytes = () => sending()?.transfer.value?.gauge.bytes.value ?? 0;
    await expect.poll(bytes, { interval: 1 }).toBeGreaterThan(0);
    await scene.unplug();
    await scene.forget();
    await scene.plug();
    const state = () => sending()?.transfer.value?.state.value;
    await expect.poll(state).toMatchObject({ type: "failed", canRetry: true });
    ada.model.attachments.retry(sending()!);
    await expect.poll(() => ada.model.attachments.sending.value, { timeout: 10_000 }).toEqual([]);
    await expect.poll(() => bob.model.currentRoom.value?.messages.value.length).toBe(1);
  });

  test("a file that has gone says so", async () => {
    const ada = await open("Ada");
    ada.model.attach([new File([randomBytes(10)], "data.bin")]);
    const said = () => ada.model.currentRoom.value?.messages.value[0];
    await expect.poll(() => said()?.attachment?.name).toBe("data.bin");
    scene.laterMs = 3_600_000;
    scene.store.sweep();
    const received = ada.model.attachments.of("lobby", said()!.attachment!);
    ada.model.attachments.save(received);
    await expect
      .poll(() => received.transfer.value?.state.value)
      .toMatchObject({ type: "failed", canRetry: false });
    expect(received.transfer.value?.state.value).toMatchObject({
      reason: "This file is not kept any more: files go with the messages, after an hour.",
    });
  });
});
