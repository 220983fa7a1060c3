import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  changeBurst,
  historyLengthMax,
  peoplePerRoomMax,
  roomsMax,
  sayBurst,
} from "../../../../server/pages/chat/limits.js";
import { roomsPerPersonMax, textLengthMax } from "../../../../shared/chat/limits.js";
import { explain } from "../../../../web/session/explain.js";
import type { ShowcaseClient } from "../../../../web/session/session.js";
import { ChatScene, hear, messageId, tokenOf } from "../../../chat-scene.js";

let scene: ChatScene;

beforeEach(async () => {
  scene = await ChatScene.open();
});

afterEach(async () => {
  await scene.close();
  expect(scene.errors).toEqual([]);
});

function join(client: ShowcaseClient, name: string, room = "lobby") {
  return client.request("chat.join", { room, name });
}

async function enter(name: string, room = "lobby"): Promise<ShowcaseClient> {
  const client = scene.connect(name);
  await join(client, name, room);
  return client;
}

function say(client: ShowcaseClient, number: number, text = "hi", room = "lobby") {
  return client.request("chat.say", { id: messageId(number), room, text });
}

/** Everything that was sent to a client before has arrived. */
async function settled(...clients: ShowcaseClient[]): Promise<void> {
  for (const client of clients) await say(client, 0, "x", "nowhere").catch(() => {});
}

describe("conversation", () => {
  test("what one says, all in the room are told once, and so is who said it", async () => {
    const [ada, bob, eve] = [await enter("Ada"), await enter("Bob"), await enter("Eve", "else")];
    const [byAda, byBob, byEve] = [ada, bob, eve].map(hear);
    const receipt = await say(ada, 1, "hello");
    expect(receipt).toMatchObject({ room: "lobby", by: { name: "Ada" }, text: "hello" });
    await settled(ada, bob, eve);
    expect(byAda).toEqual([receipt]);
    expect(byBob).toEqual([receipt]);
    expect(byEve).toEqual([]);
  });

  test("a message sent again is confirmed again, but not said again", async () => {
    const [ada, bob] = [await enter("Ada"), await enter("Bob")];
    const heard = hear(bob);
    expect(await say(ada, 1)).toEqual(await say(ada, 1));
    await settled(bob);
    expect(heard).toHaveLength(1);
  });

  test("the same id from another person is another message", async () => {
    const [ada, bob] = [await enter("Ada"), await enter("Bob")];
    const heard = hear(ada);
    await say(ada, 1, "mine");
    await say(bob, 1, "also mine");
    await settled(ada);
    expect(heard.map(({ text }) => text)).toEqual(["mine", "also mine"]);
  });

  test("who comes later is told what was said lately, up to the bound, and then only the rest", async () => {
    const ada = await enter("Ada");
    for (let number = 0; number <= historyLengthMax; number += 1) {
      scene.now += 1_000;
      await say(ada, number, `text ${number}`);
    }
    const bob = scene.connect("Bob");
    const { said, position } = await join(bob, "Bob");
    expect(said).toHaveLength(historyLengthMax);
    expect(said[0]?.text).toBe("text 1");
    scene.now += 1_000;
    await say(ada, 999, "news");
    const again = { room: "lobby", name: "Bob", since: position };
    const missed = await bob.request("chat.join", again);
    expect(missed.said.map(({ text }) => text)).toEqual(["news"]);
    const elsewhere = { ...again, since: { epoch: "another", offset: 3 } };
    expect((await bob.request("chat.join", elsewhere)).said).toHaveLength(historyLengthMax);
  });

  test("in a room one is not in, nothing can be said", async () => {
    const [ada, bob] = [await enter("Ada", "else"), await enter("Bob")];
    const heard = hear(bob);
    await expect(say(ada, 1)).rejects.toMatchObject({ code: "not-in-room" });
    await settled(bob);
    expect(heard).toEqual([]);
  });

  test("typing is told to the others only, and only by those in the room", async () => {
    const [ada, bob, eve] = [await enter("Ada"), await enter("Bob"), await enter("Eve", "else")];
    const told: string[] = [];
    for (const [name, client] of Object.entries({ ada, bob, eve })) {
      client.on("chat.typing", ({ room }) => told.push(`${name} ${room}`));
    }
    ada.emit("chat.typing", { room: "lobby" }, { volatile: true });
    eve.emit("chat.typing", { room: "lobby" }, { volatile: true });
    await settled(ada, eve, bob);
    expect(told).toEqual(["bob lobby"]);
  });
});

describe("people", () => {
  test("who is here is told on joining, and then arriving, renaming and leaving", async () => {
    const ada = await enter("Ada");
    const told: string[] = [];
    ada.onPresence(({ here = [], joined = [], changed = [], left = [] }) => {
      if (here.length > 0) told.push(`here ${here.length}`);
      for (const { state } of joined) told.push(`joined ${JSON.stringify(state)}`);
      for (const { state } of changed) told.push(`changed ${JSON.stringify(state)}`);
      told.push(...left.map((id) => `left ${id === bob.session}`));
    });
    await expect.poll(() => told).toEqual(["here 1"]);
    const bob = scene.connect("Bob");
    const { people, you } = await join(bob, "Bob");
    expect(people.map(({ person }) => person.name)).toEqual(["Ada", "Bob"]);
    expect(people[1]).toEqual({ session: bob.session, person: { id: you, name: "Bob" } });
    await expect.poll(() => told).toEqual(["here 1", 'joined {"name":"Bob"}']);
    await bob.request("chat.rename", { name: "Rob" });
    await expect.poll(() => told.at(-1)).toBe('changed {"name":"Rob"}');
    bob.close();
    await expect.poll(() => told.at(-1)).toBe("left true");
  });

  test("two tabs of one person are one person, also at another server; nobody learns the secret", async () => {
    const first = scene.connect("Ada");
    const second = scene.connect("Ada");
    const { you } = await join(first, "Ada");
    const joined = await join(second, "Ada");
    expect(joined.you).toBe(you);
    expect(scene.chat.directory).toEqual([{ name: "lobby", people: 1 }]);
    expect(JSON.stringify(joined)).not.toContain(tokenOf("Ada"));
    first.close();
    await settled(second);
    expect(scene.chat.directory).toEqual([{ name: "lobby", people: 1 }]);
    await scene.unplug();
    await scene.forget();
    const linked = new Promise((resolve) => second.watch("linked", resolve));
    await scene.plug();
    expect(await linked).toMatchObject({ answer: "fresh" });
    expect((await join(second, "Ada")).you).toBe(you);
  });
});

describe("rooms", () => {
  test("a room comes with the first and goes with the last, the lobby stays", async () => {
    const ada = await enter("Ada", "tea");
    await join(ada, "Ada");
    expect(scene.chat.directory).toEqual([
      { name: "lobby", people: 1 },
      { name: "tea", people: 1 },
    ]);
    for (const room of ["tea", "tea", "lobby"]) ada.emit("chat.leave", { room });
    await settled(ada);
    expect(scene.chat.directory).toEqual([{ name: "lobby", people: 0 }]);
  });

  test("the list of rooms is told once for many changes", async () => {
    const ada = await enter("Ada");
    const lists: unknown[] = [];
    ada.on("chat.rooms", ({ rooms }) => lists.push(rooms));
    await Promise.all(["a", "b", "c"].map((name) => enter(name, "tea")));
    const expected = [
      { name: "lobby", people: 1 },
      { name: "tea", people: 3 },
    ];
    await expect.poll(() => lists.at(-1)).toEqual(expected);
    expect(lists.length).toBeLessThanOrEqual(2);
  });
});

describe("limits", () => {
  test("a guest is told what is missing", async () => {
    const guest = scene.connect(undefined);
    await expect(join(guest, "Guest")).rejects.toMatchObject({ code: "forbidden" });
    expect(scene.chat.directory).toEqual([{ name: "lobby", people: 0 }]);
  });

  test("rooms per person", async () => {
    const ada = scene.connect("Ada");
    for (let number = 0; number < roomsPerPersonMax; number += 1) {
      await join(ada, "Ada", `room ${number}`);
    }
    await expect(join(ada, "Ada", "more")).rejects.toMatchObject({ code: "rooms-per-person" });
    await join(ada, "Ada", "room 0");
  });

  test("rooms in total", async () => {
    for (let number = 1; number < roomsMax; number += 1) {
      await enter(`Guest ${number}`, `room ${number}`);
    }
    const last = scene.connect("Last");
    await expect(join(last, "Last", "more")).rejects.toMatchObject({ code: "rooms-in-total" });
    await join(last, "Last");
  });

  test("people per room", async () => {
    const names = Array.from({ length: peoplePerRoomMax }, (_, number) => `Guest ${number}`);
    await Promise.all(names.map((name) => enter(name)));
    await expect(enter("Last")).rejects.toMatchObject({ code: "room-full" });
    await enter("Guest 0"); // Another tab of somebody who is here.
  });

  test("messages: the burst and no more, then told when to try again", async () => {
    const ada = await enter("Ada");
    for (let number = 0; number < sayBurst; number += 1) await say(ada, number);
    const refusal = await say(ada, sayBurst).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "too-fast", data: { retryInMs: 500 } });
    scene.now += 500;
    await say(ada, sayBurst);
  });

  test("changes that everyone is told of: the burst and no more", async () => {
    const ada = await enter("Ada");
    const rename = (name: string) => ada.request("chat.rename", { name });
    for (let number = 1; number < changeBurst; number += 1) await rename(`Ada ${number}`);
    await expect(rename("Too much")).rejects.toMatchObject({ code: "too-fast" });
    await expect(join(ada, "Ada", "tea")).rejects.toMatchObject({ code: "too-fast" });
    scene.now += 1_000;
    await rename("Ada");
  });

  test("the length of a message, at the bound and beyond it, on both ends", async () => {
    const ada = await enter("Ada");
    expect((await say(ada, 1, "x".repeat(textLengthMax))).text).toHaveLength(textLengthMax);
    const tooLong = { id: messageId(2), room: "lobby", text: "x".repeat(textLengthMax + 1) };
    const reason = `The message is too long: ${textLengthMax} characters at most.`;
    const ours = await ada.request("chat.say", tooLong).catch((error: unknown) => error);
    expect(ours).toMatchObject({ code: "invalid", data: { issues: [{ message: reason }] } });
    const careless = scene.connectCareless("Bob");
    const theirs = await careless.request("chat.say", tooLong).catch((error: unknown) => error);
    expect(theirs).toMatchObject({ code: "invalid", data: { issues: [{ message: reason }] } });
    for (const error of [ours, theirs]) expect(explain(error)).toBe(reason);
  });

  test.each(["__proto__", "constructor", "tostring", "hasownproperty"])(
    "%s is a name and a room like any other",
    async (name) => {
      const ada = await enter(name, name);
      const said = await say(ada, 1, name, name);
      expect(said).toMatchObject({ room: name, by: { name }, text: name });
      expect(scene.chat.directory.map((room) => room.name)).toEqual(["lobby", name]);
      ada.emit("chat.leave", { room: name });
      await settled(ada);
      expect(scene.chat.directory.map((room) => room.name)).toEqual(["lobby"]);
    },
  );
});
