import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ChatRoom } from "../../../../server/pages/chat/chat-room.js";
import { roomHistory } from "../../../../server/pages/chat/limits.js";
import type { Conversation } from "../../../../shared/chat/contract.js";
import { privatePerPersonMax } from "../../../../shared/chat/limits.js";
import { privateRoom } from "../../../../shared/chat/private-room.js";
import type { ShowcaseClient } from "../../../../web/session/session.js";
import { ChatScene, hear, messageId, personId } from "../../../chat-scene.js";

let scene: ChatScene;

beforeEach(async () => {
  scene = await ChatScene.open();
});

afterEach(async () => {
  await scene.close();
  expect(scene.errors).toEqual([]);
});

const between = (one: string, other: string) => privateRoom(personId(one), personId(other));
const room = between("Ada", "Bob");

const join = (client: ShowcaseClient, name: string, where = room) =>
  client.request("chat.join", { room: where, name });
const say = (client: ShowcaseClient, number: number, where = room) =>
  client.request("chat.say", { id: messageId(number), room: where, text: `text ${number}` });

function listen(client: ShowcaseClient): Conversation[] {
  const told: Conversation[] = [];
  client.on("chat.private", ({ conversations }) => told.push(...conversations));
  return told;
}

describe("a private conversation", () => {
  test("the other one is told who wants to talk, and both hear each other, nobody else", async () => {
    const people = ["Ada", "Bob", "Eve"];
    const [ada, bob, eve] = await Promise.all(people.map((name) => scene.enter(name)));
    const [byBob, byEve] = [listen(bob!), listen(eve!)];
    const joined = await join(ada!, "Ada");
    expect(joined.with).toEqual({ id: personId("Bob"), name: "Bob" });
    await expect.poll(() => byBob).toEqual([{ room, with: { id: personId("Ada"), name: "Ada" } }]);
    await join(bob!, "Bob");
    const [heard, overheard] = [hear(bob!), hear(eve!)];
    await say(ada!, 1);
    await expect.poll(() => heard.map(({ text }) => text)).toEqual(["text 1"]);
    await say(eve!, 9, "lobby");
    await expect.poll(() => overheard.length).toBe(1);
    expect(byEve).toEqual([]);
    expect(overheard.map(({ room: where }) => where)).toEqual(["lobby"]);
    expect(scene.chat.directory.map(({ name }) => name)).toEqual(["lobby"]);
  });

  test("a third who knows its name is refused, whatever is asked", async () => {
    const ada = await scene.enter("Ada", room);
    const eve = await scene.enter("Eve");
    await say(ada, 1);
    const marks: unknown[] = [];
    ada.on("chat.receipts", (receipts) => marks.push(receipts));
    ada.on("chat.typing", (typing) => marks.push(typing));
    await expect(join(eve, "Eve")).rejects.toMatchObject({ code: "forbidden" });
    await expect(say(eve, 2)).rejects.toMatchObject({ code: "not-in-room" });
    const question = { room, id: messageId(1) };
    await expect(eve.request("chat.reach", question)).rejects.toMatchObject({
      code: "not-in-room",
    });
    eve.emit("chat.typing", { room }, { volatile: true });
    eve.emit("chat.seen", { room, delivered: 1, read: 1 });
    eve.emit("chat.leave", { room });
    await say(eve, 3, "nowhere").catch(() => {});
    expect(marks).toEqual([]);
    expect((await join(ada, "Ada")).said).toHaveLength(1);
  });

  test("with oneself there is none, and no room for all can be called like one", async () => {
    const ada = scene.connect("Ada");
    await expect(join(ada, "Ada", between("Ada", "Ada"))).rejects.toMatchObject({
      code: "forbidden",
    });
    await join(ada, "Ada", "@tea");
    expect(scene.chat.directory.map(({ name }) => name)).toEqual(["lobby", "tea"]);
  });

  test("what is said while the other one is away is there on return, unread", async () => {
    const ada = await scene.enter("Ada", room);
    await say(ada, 1);
    await say(ada, 2);
    ada.close();
    const bob = scene.connect("Bob");
    const told = listen(bob);
    await join(bob, "Bob", "lobby");
    await expect.poll(() => told.map(({ with: other }) => other.name)).toEqual(["Ada"]);
    const { said, read, people } = await join(bob, "Bob");
    expect(said.map(({ text }) => text)).toEqual(["text 1", "text 2"]);
    expect(read).toBe(0);
    expect(people.map(({ person }) => person.name)).toEqual(["Bob"]);
  });

  test("who has left it is told when something is said in it", async () => {
    const [ada, bob] = [await scene.enter("Ada", room), await scene.enter("Bob")];
    await join(bob, "Bob");
    bob.emit("chat.leave", { room });
    await say(bob, 9, "nowhere").catch(() => {});
    const told = listen(bob);
    await say(ada, 1);
    await expect.poll(() => told.length).toBe(1);
  });

  test("its author is told that it waits for the other one, until that one has it", async () => {
    const ada = await scene.enter("Ada", room);
    const { at } = await say(ada, 1);
    const question = { room, id: messageId(1) };
    const reach = await ada.request("chat.reach", question);
    expect(reach).toMatchObject({ of: 1, delivered: 0, waitingFor: [{ id: personId("Bob") }] });
    const bob = await scene.enter("Bob", room);
    bob.emit("chat.seen", { room, delivered: at, read: at });
    await expect.poll(() => ada.request("chat.reach", question)).toMatchObject({ read: 1 });
  });

  test("so many per person, whoever begins them", async () => {
    scene.isHurried = true;
    const ada = scene.connect("Ada");
    for (let number = 0; number < privatePerPersonMax; number += 1) {
      await join(ada, "Ada", between("Ada", `other ${number}`));
    }
    const refusal = { code: "private-per-person" };
    await expect(join(ada, "Ada", between("Ada", "more"))).rejects.toMatchObject(refusal);
    const eve = scene.connect("Eve");
    await expect(join(eve, "Eve", between("Ada", "Eve"))).rejects.toMatchObject(refusal);
    ada.emit("chat.leave", { room: between("Ada", "other 0") });
    await join(ada, "Ada", between("Ada", "more"));
  });

  test("it is over when nobody is in it and nothing in it can be read any more", () => {
    const conversation = new ChatRoom(room);
    const by = { id: personId("Ada"), name: "Ada" };
    expect(conversation.isOver(Date.now())).toBe(true);
    conversation.add("session", by);
    expect(conversation.isOver(Date.now())).toBe(false);
    const { at } = conversation.say(by, messageId(1), "hi");
    conversation.remove("session");
    expect(conversation.isOver(at + roomHistory.ageMs - 1)).toBe(false);
    expect(conversation.isOver(at + roomHistory.ageMs)).toBe(true);
  });
});
