import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { receiptPeopleMax } from "../../../../server/pages/chat/limits.js";
import { Receipts } from "../../../../server/pages/chat/receipts.js";
import type { Receipt, Said } from "../../../../shared/chat/contract.js";
import { receiptNamesMax } from "../../../../shared/chat/limits.js";
import type { ShowcaseClient } from "../../../../web/session/session.js";
import { ChatScene, messageId } from "../../../chat-scene.js";

const person = (id: string) => ({ id, name: id.toUpperCase() });
const said = (at: number, by = "ada"): Said => ({
  room: "lobby",
  id: messageId(at),
  by: person(by),
  at,
  text: "x",
});

/** A room with these people in it since 0. */
function roomOf(...people: string[]) {
  const here = new Set(people);
  const receipts = new Receipts((id) => here.has(id));
  for (const id of people) receipts.add(person(id), 0);
  const tell = (...messages: Said[]) =>
    [...receipts.takeNews(messages).values()].flat().map(({ id: _, ...rest }) => rest);
  return { receipts, here, tell };
}

describe("what becomes of a message", () => {
  test("sent, delivered by the last who is here, read by the last; only news is told", () => {
    const { receipts, tell } = roomOf("ada", "bob", "eve");
    expect(tell(said(5))).toEqual([{ fate: "sent", of: 2, delivered: 0, read: 0 }]);
    expect(tell(said(5))).toEqual([]);
    receipts.note("bob", 5, 0, 5);
    expect(tell(said(5))).toEqual([{ fate: "sent", of: 2, delivered: 1, read: 0 }]);
    receipts.note("eve", 5, 5, 5);
    expect(tell(said(5))).toEqual([{ fate: "delivered", of: 2, delivered: 2, read: 1 }]);
    receipts.note("bob", 5, 5, 5);
    expect(tell(said(5))).toEqual([{ fate: "read", of: 2, delivered: 2, read: 2 }]);
  });

  test("authors are told of their own messages only, and do not count for them", () => {
    const { receipts } = roomOf("ada", "bob");
    receipts.note("ada", 6, 6, 6);
    receipts.note("bob", 6, 5, 6);
    const news = receipts.takeNews([said(5, "ada"), said(6, "bob")]);
    expect([...news.keys()]).toEqual(["ada", "bob"]);
    expect(news.get("ada")).toMatchObject([{ of: 1, delivered: 1, read: 1 }]);
    expect(news.get("bob")).toMatchObject([{ of: 1, delivered: 1, read: 1 }]);
  });

  test("with nobody else here it stays sent, and who comes later does not count", () => {
    const { receipts, here, tell } = roomOf("ada");
    expect(tell(said(5))).toEqual([{ fate: "sent", of: 0, delivered: 0, read: 0 }]);
    here.add("bob");
    receipts.add(person("bob"), 7);
    receipts.note("bob", 9, 9, 9);
    expect(tell(said(5))).toEqual([]);
  });

  test("who has gone without it is not waited for; who has gone with it counts", () => {
    const { receipts, here, tell } = roomOf("ada", "bob", "eve", "dan");
    receipts.note("bob", 5, 5, 5);
    receipts.note("eve", 5, 0, 5);
    here.delete("dan");
    here.delete("eve");
    expect(tell(said(5))).toEqual([{ fate: "delivered", of: 2, delivered: 2, read: 1 }]);
    here.delete("bob");
    here.add("dan");
    // Dan is back without it: what was told is not undone.
    expect(tell(said(5))).toEqual([{ fate: "delivered", of: 3, delivered: 2, read: 1 }]);
  });

  test("marks never go back, and never beyond what there is", () => {
    const { receipts, tell } = roomOf("ada", "bob");
    expect(receipts.note("bob", Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 5)).toBe(true);
    expect(receipts.note("bob", 1, 1, 5)).toBe(false);
    expect(receipts.readUpTo("bob")).toBe(5);
    expect(tell(said(5), said(6))).toMatchObject([
      { fate: "read", read: 1 },
      { fate: "sent", delivered: 0 },
    ]);
    expect(receipts.note("nobody", 5, 5, 5)).toBe(false);
  });

  test("what was read has arrived", () => {
    const { receipts, tell } = roomOf("ada", "bob");
    receipts.note("bob", 1, 5, 5);
    expect(tell(said(5))).toEqual([{ fate: "read", of: 1, delivered: 1, read: 1 }]);
  });

  test("the figures are those that one gets by looking at everybody for each message", () => {
    let state = 7;
    const dice = (sides: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * sides);
    };
    for (let round = 0; round < 50; round += 1) {
      const here = new Set<string>();
      const receipts = new Receipts((id) => here.has(id));
      const people = Array.from({ length: 12 }, (_, index) => {
        const id = `p${index}`;
        const since = dice(20);
        if (dice(3) > 0) here.add(id);
        receipts.add(person(id), since);
        const [read, delivered] = [dice(40), dice(40)];
        receipts.note(id, delivered, read, 40);
        const marks = { read: Math.max(since, read), delivered: Math.max(since, delivered, read) };
        return { id, since, ...marks };
      });
      const messages = Array.from({ length: 20 }, (_, at) => said(at * 2 + 1, `p${dice(14)}`));
      const news = [...receipts.takeNews(messages).values()].flat();
      const expected = messages.map(({ id, at, by }) => {
        const for_ = people.filter((one) => one.id !== by.id && one.since < at);
        const of = for_.filter((one) => here.has(one.id) || one.delivered >= at).length;
        const delivered = for_.filter((one) => one.delivered >= at).length;
        const read = for_.filter((one) => one.read >= at).length;
        return { id, of, delivered, read };
      });
      const sorted = news.sort((a, b) => a.id.localeCompare(b.id));
      expect(
        sorted.map(({ fate: _, ...rest }) => rest),
        `round ${round}`,
      ).toEqual(expected);
    }
  });
});

describe("who has it", () => {
  test("by name, so many of each and no more", () => {
    const ids = Array.from({ length: receiptNamesMax + 5 }, (_, index) => `p${index}`);
    const { receipts } = roomOf("ada", ...ids, "bob", "eve");
    for (const id of ids) receipts.note(id, 5, 5, 5);
    receipts.note("bob", 5, 0, 5);
    const reach = receipts.reachOf(said(5));
    expect(reach).toMatchObject({
      of: ids.length + 2,
      delivered: ids.length + 1,
      read: ids.length,
    });
    expect(reach.readBy).toHaveLength(receiptNamesMax);
    expect(reach.deliveredTo).toEqual([person("bob")]);
    expect(reach.waitingFor).toEqual([person("eve")]);
  });

  test("people who left are forgotten beyond the bound, those who are here are not", () => {
    const { receipts, here } = roomOf("ada");
    for (let number = 1; number <= receiptPeopleMax; number += 1) {
      receipts.add(person(`gone ${number}`), 0);
    }
    here.add("bob");
    receipts.add(person("bob"), 0);
    expect(receipts.nameOf("gone 2")).toBeUndefined();
    expect(receipts.nameOf("gone 3")).toBe("GONE 3");
    expect(receipts.nameOf("ada")).toBe("ADA");
    expect(receipts.nameOf("bob")).toBe("BOB");
  });
});

describe("on the wire", () => {
  let scene: ChatScene;

  beforeEach(async () => {
    scene = await ChatScene.open();
  });

  afterEach(async () => {
    await scene.close();
    expect(scene.errors).toEqual([]);
  });

  function listen(client: ShowcaseClient): Receipt[][] {
    const told: Receipt[][] = [];
    client.on("chat.receipts", ({ receipts }) => told.push(receipts));
    return told;
  }

  const say = (client: ShowcaseClient, number: number, room = "lobby") =>
    client.request("chat.say", { id: messageId(number), room, text: "hi" });

  test("only the author is told, once for all marks of that time", async () => {
    const ada = await scene.enter("Ada");
    const others = await Promise.all(["Bob", "Eve", "Dan"].map((name) => scene.enter(name)));
    const [byAda, ...byOthers] = [ada, ...others].map(listen);
    const { at } = await say(ada, 1);
    for (const other of others) {
      for (let mark = at - 5; mark <= at; mark += 1) {
        other.emit("chat.seen", { room: "lobby", delivered: mark, read: mark });
      }
    }
    await expect.poll(() => byAda?.at(-1)).toMatchObject([{ fate: "read", of: 3, read: 3 }]);
    // Marks of one moment may fall into two intervals, not into more.
    expect(byAda!.length).toBeLessThanOrEqual(2);
    expect(byOthers).toEqual([[], [], []]);
    const reach = await ada.request("chat.reach", { room: "lobby", id: messageId(1) });
    expect(reach.readBy.map(({ name }) => name).sort()).toEqual(["Bob", "Dan", "Eve"]);
  });

  test("after coming again, author and reader are where the server knows them to be", async () => {
    const [ada, bob] = [await scene.enter("Ada"), await scene.enter("Bob")];
    const told = listen(ada);
    const first = await say(ada, 1);
    await say(ada, 2);
    bob.emit("chat.seen", { room: "lobby", delivered: first.at, read: first.at });
    await expect.poll(() => told.length).toBeGreaterThan(0);
    const join = (name: string) =>
      scene.connect(name).request("chat.join", { room: "lobby", name });
    expect((await join("Ada")).receipts).toMatchObject([
      { id: messageId(1), fate: "read" },
      { id: messageId(2), fate: "sent" },
    ]);
    const again = await join("Bob");
    expect(again.read).toBe(first.at);
    expect(again.receipts).toEqual([]);
  });

  test("forged: from outside of the room, of messages that nobody said, about those of others", async () => {
    const [ada, bob] = [await scene.enter("Ada"), await scene.enter("Bob")];
    const eve = await scene.enter("Eve", "else");
    const told = listen(ada);
    const mark = { room: "lobby", delivered: Number.MAX_SAFE_INTEGER, read: 1 };
    eve.emit("chat.seen", mark);
    bob.emit("chat.seen", mark);
    await say(eve, 1, "nowhere").catch(() => {});
    await say(bob, 9, "nowhere").catch(() => {});
    const { at } = await say(ada, 2);
    const question = { room: "lobby", id: messageId(2) };
    expect(await ada.request("chat.reach", question)).toMatchObject({ of: 1, delivered: 0 });
    await expect(bob.request("chat.reach", question)).rejects.toMatchObject({ code: "gone" });
    await expect(eve.request("chat.reach", question)).rejects.toMatchObject({
      code: "not-in-room",
    });
    bob.emit("chat.seen", { room: "lobby", delivered: at });
    await expect.poll(() => told.flat()).toMatchObject([{ fate: "delivered", delivered: 1 }]);
  });
});
