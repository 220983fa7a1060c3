// The page's half and the server's half of the chat, on a line that the test can cut.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { hubRoom, roomsPerPersonMax } from "../../../../shared/chat/limits.js";
import { ChatModel } from "../../../../web/pages/chat/chat-model.js";
import { RoomModel } from "../../../../web/pages/chat/room-model.js";
import type { ShowcaseClient } from "../../../../web/session/session.js";
import { ChatScene, messageId } from "../../../chat-scene.js";

interface Tab {
  readonly client: ShowcaseClient;
  readonly model: ChatModel;
  readonly texts: () => string[];
  readonly waiting: () => string[];
}

let scene: ChatScene;
const tabs: Tab[] = [];

beforeEach(async () => {
  scene = await ChatScene.open();
});

afterEach(async () => {
  for (const { model } of tabs.splice(0)) model.dispose();
  await scene.close();
  vi.useRealTimers();
  expect(scene.errors).toEqual([]);
});

async function openTab(name: string, key = name, rooms = ["lobby"]): Promise<Tab> {
  const client = scene.connect(key);
  const model = new ChatModel({ client, name, rooms });
  model.show(rooms[0] ?? "");
  const tab: Tab = {
    client,
    model,
    texts: () => model.currentRoom.value?.messages.value.map(({ text }) => text) ?? [],
    waiting: () => model.pending.value.map(({ text }) => text),
  };
  tabs.push(tab);
  await vi.waitFor(() => expect(model.me.value.id).not.toBe(""));
  return tab;
}

/** Until all that was said has arrived. */
async function allSee(expected: string[], ...some: Tab[]): Promise<void> {
  for (const { texts } of some) await expect.poll(texts).toEqual(expected);
}

async function allSent(...some: Tab[]): Promise<void> {
  for (const { waiting } of some) await expect.poll(waiting, { timeout: 10_000 }).toEqual([]);
}

describe("a conversation", () => {
  test("both see both messages, in one order", async () => {
    const [ada, bob] = [await openTab("Ada"), await openTab("Bob")];
    ada.model.say("one");
    await allSee(["one"], bob);
    bob.model.say("two");
    await allSee(["one", "two"], ada, bob);
    expect(ada.waiting()).toEqual([]);
  });

  test("who comes later sees what was said", async () => {
    const ada = await openTab("Ada");
    ada.model.say("one");
    await allSent(ada);
    await allSee(["one"], await openTab("Bob"));
  });

  test("another room's messages are counted until it is looked at", async () => {
    const [ada, bob] = [await openTab("Ada"), await openTab("Bob")];
    ada.model.show("tea");
    bob.model.say("one");
    bob.model.say("two");
    await expect.poll(() => ada.model.unread.value).toBe(2);
    ada.model.show("lobby");
    expect(ada.model.unread.value).toBe(0);
    expect(ada.texts()).toEqual(["one", "two"]);
    ada.model.hide();
    bob.model.say("three");
    await expect.poll(() => ada.model.unread.value).toBe(1);
  });

  test("typing is shown until the message is there, or for five seconds", async () => {
    const [ada, bob] = [await openTab("Ada"), await openTab("Bob")];
    const typists = () => bob.model.currentRoom.value?.typists.value.map(({ name }) => name);
    await expect.poll(() => bob.model.currentRoom.value?.people.value.length).toBe(2);
    ada.model.typing();
    await expect.poll(typists).toEqual(["Ada"]);
    ada.model.say("done");
    await expect.poll(typists).toEqual([]);
    vi.useFakeTimers();
    const room = new RoomModel("alone");
    room.setPresent([{ session: "s", person: { id: "a", name: "Ada" } }]);
    room.noteTyping("a");
    expect(room.typists.value).toHaveLength(1);
    vi.advanceTimersByTime(5_000);
    expect(room.typists.value).toEqual([]);
  });

  test("equal names are known to be shared, however they are written", async () => {
    const ada = await openTab("Ada");
    const shared = () => ada.model.currentRoom.value?.sharedNames.value;
    expect(shared()?.size).toBe(0);
    await openTab("ADA", "other");
    await expect.poll(shared).toEqual(new Set(["ada"]));
  });

  test("a second tab of the same person is the same person", async () => {
    const [one, two] = [await openTab("Ada"), await openTab("Ada")];
    expect(one.model.me.value.id).toBe(two.model.me.value.id);
    one.model.say("from here");
    await allSee(["from here"], one, two);
    expect(two.model.unread.value).toBe(0);
    await expect.poll(() => one.model.currentRoom.value?.people.value.length).toBe(1);
  });
});

describe("a lost connection", () => {
  test("what is written meanwhile is kept, and said once and in order when it is back", async () => {
    const [ada, bob] = [await openTab("Ada"), await openTab("Bob")];
    const answers: string[] = [];
    ada.client.watch("linked", ({ answer }) => answers.push(answer));
    await scene.unplug();
    await expect.poll(() => ada.model.isConnected.value).toBe(false);
    ada.model.say("one");
    ada.model.say("two");
    expect(ada.waiting()).toEqual(["one", "two"]);
    await scene.plug();
    await allSent(ada);
    await allSee(["one", "two"], ada, bob);
    expect(answers).toEqual(["resumed"]);
  });

  test("what was said in the moment of the cut arrives once, whoever has it", async () => {
    const [ada, bob] = [await openTab("Ada"), await openTab("Bob")];
    ada.model.say("one");
    await scene.unplug();
    await scene.plug();
    await allSent(ada);
    await allSee(["one"], ada, bob);
  });

  test("the same with a server that has forgotten everything: fresh, and nothing twice", async () => {
    const [ada, bob] = [await openTab("Ada"), await openTab("Bob")];
    const answers: string[] = [];
    ada.client.watch("linked", ({ answer }) => answers.push(answer));
    bob.model.say("zero");
    await allSee(["zero"], ada, bob);
    ada.model.say("one");
    await scene.unplug();
    await scene.forget();
    bob.model.say("two");
    ada.model.say("three");
    await scene.plug();
    await allSent(ada, bob);
    expect(answers).toEqual(["fresh"]);
    for (const { texts } of [ada, bob]) {
      await expect.poll(() => texts().sort()).toEqual(["one", "three", "two", "zero"]);
      expect(texts().indexOf("one")).toBeLessThan(texts().indexOf("three"));
    }
    await expect.poll(() => ada.model.currentRoom.value?.people.value.length).toBe(2);
  });

  test("more was said than the session holds: a gap, and the history tells the rest, nothing twice", async () => {
    const ada = await openTab("Ada");
    const answers: string[] = [];
    ada.client.watch("linked", ({ answer }) => answers.push(answer));
    ada.model.say("before");
    await allSent(ada);
    await scene.unplug();
    const by = { id: "somebody", name: "Somebody" };
    for (let number = 0; number < 100; number += 1) {
      const said = { room: "lobby", id: messageId(number), by, at: Date.now(), text: `${number}` };
      scene.hub.to(hubRoom("lobby")).emit("chat.said", said);
    }
    await scene.plug();
    await expect.poll(() => answers).toEqual(["gap"]);
    await expect.poll(() => ada.texts().includes("50")).toBe(true);
    // Fifty are kept; those of the log that were still there came as well.
    const numbers = ada.texts().slice(1).map(Number);
    expect(ada.texts()[0]).toBe("before");
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(numbers.slice(-50)).toEqual(Array.from({ length: 50 }, (_, index) => index + 50));
  });

  test("rooms and name are as before, also those chosen while it was away", async () => {
    for (const isForgotten of [false, true]) {
      const ada = await openTab("Ada", `Ada ${isForgotten}`, [`lobby ${isForgotten}`]);
      await scene.unplug();
      if (isForgotten) await scene.forget();
      ada.model.rename("Ada L.");
      ada.model.show("tea");
      await scene.plug();
      await expect
        .poll(() => ada.model.currentRoom.value?.people.value)
        .toEqual([{ id: ada.model.me.value.id, name: "Ada L." }]);
      await expect.poll(() => ada.model.directory.value.length).toBe(3);
      expect(ada.model.notice.value).toBe("");
      ada.client.close();
      await expect.poll(() => scene.chat.directory.length).toBe(1);
    }
  });

  test("a hundred messages are kept, one more is not taken and not lost silently", async () => {
    const ada = await openTab("Ada");
    await scene.unplug();
    await expect.poll(() => ada.model.isConnected.value).toBe(false);
    const counts: number[] = [];
    ada.model.onWaiting((count) => counts.push(count));
    for (let number = 0; number < 100; number += 1) expect(ada.model.say(`${number}`)).toBe(true);
    expect(ada.model.say("too much")).toBe(false);
    expect(ada.model.notice.value).toContain("Too many unsent messages");
    expect(counts.at(-1)).toBe(100);
    scene.isHurried = true; // This test is about keeping.
    await scene.plug();
    await allSent(ada);
    expect(ada.texts()).toEqual(Array.from({ length: 100 }, (_, number) => `${number}`));
    expect(counts.at(-1)).toBe(0);
  });
});

describe("refusals", () => {
  test("too fast: the rest is said later, without doing anything", async () => {
    const ada = await openTab("Ada");
    const texts = Array.from({ length: 12 }, (_, number) => `${number}`);
    for (const text of texts) ada.model.say(text);
    await expect.poll(() => ada.texts().length).toBe(10);
    expect(ada.waiting()).toEqual(["10", "11"]);
    scene.now += 60_000;
    await allSent(ada);
    expect(ada.texts()).toEqual(texts);
  });

  test("a message that is not taken says why, and others go on; it can be tried again or discarded", async () => {
    const ada = await openTab("Ada");
    ada.model.say("x".repeat(2_001));
    ada.model.say("fine");
    await allSee(["fine"], ada);
    const refusal = () => ada.model.pending.value[0]?.refusal;
    await expect.poll(refusal).toBe("The message is too long: 2000 characters at most.");
    const { id } = ada.model.pending.value[0]!;
    ada.model.retry(id);
    expect(refusal()).toBeUndefined();
    await expect.poll(refusal).toContain("too long");
    ada.model.discard(id);
    expect(ada.model.pending.value).toEqual([]);
  });

  test("one room too many is told, and not entered", async () => {
    const ada = await openTab("Ada");
    for (let number = 1; number <= roomsPerPersonMax; number += 1) ada.model.show(`room ${number}`);
    expect(ada.model.rooms.value.size).toBe(roomsPerPersonMax);
    expect(ada.model.currentRoom.value).toBeUndefined();
    expect(ada.model.notice.value).toContain("Leave one first");
    ada.model.leave("lobby");
    ada.model.show(`room ${roomsPerPersonMax}`);
    await expect.poll(() => ada.model.currentRoom.value?.people.value.length).toBe(1);
  });

  test("a room that the server does not take is told, and left", async () => {
    const ada = await openTab("Ada");
    ada.model.show("x".repeat(33));
    await expect.poll(() => ada.model.notice.value).toContain("The room's name is too long");
    expect(ada.model.currentRoom.value).toBeUndefined();
  });
});
