import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ChatServer } from "../../../server/chat/chat-server.js";
import {
  changeBurst,
  helloTimeoutMs,
  historyLengthMax,
  peoplePerRoomMax,
  requestBurst,
  roomsMax,
  sayBurst,
  visitorsMax,
} from "../../../server/chat/limits.js";
import { roomsPerPersonMax, textLengthMax } from "../../../shared/limits.js";
import { connectLine, enter, keyOf, messageId, type TestingLine } from "./testing-line.js";

let chat: ChatServer;

beforeEach(() => {
  vi.useFakeTimers();
  chat = new ChatServer();
});

afterEach(() => {
  chat.close();
  expect(vi.getTimerCount(), "timers left behind").toBe(0);
  vi.useRealTimers();
});

function say(line: TestingLine, number: number, text = "hi", room = "lobby"): void {
  line.say({ type: "say", id: messageId(number), room, text });
}

describe("conversation", () => {
  test("what one says, all in the room receive once, and so does who said it", () => {
    const ada = enter(chat, "Ada");
    const bob = enter(chat, "Bob");
    const eve = enter(chat, "Eve", ["elsewhere"]);
    say(ada, 1, "hello");
    const expected = {
      type: "said",
      room: "lobby",
      said: { id: messageId(1), by: { id: ada.visitor?.person.id, name: "Ada" }, text: "hello" },
    };
    expect(ada.takeOf("said")).toMatchObject([expected]);
    expect(bob.takeOf("said")).toMatchObject([expected]);
    expect(eve.takeOf("said")).toEqual([]);
  });

  test("a message sent again is confirmed again, but not said again", () => {
    const ada = enter(chat, "Ada");
    const bob = enter(chat, "Bob");
    say(ada, 1);
    say(ada, 1);
    expect(ada.takeOf("said")).toHaveLength(2);
    expect(bob.takeOf("said")).toHaveLength(1);
  });

  test("the same id from another person is another message", () => {
    const ada = enter(chat, "Ada");
    const bob = enter(chat, "Bob");
    say(ada, 1, "mine");
    say(bob, 1, "also mine");
    expect(ada.takeOf("said").map(({ said }) => said.text)).toEqual(["mine", "also mine"]);
  });

  test("who comes later is told what was said lately, up to the bound", () => {
    const ada = enter(chat, "Ada");
    for (let number = 0; number <= historyLengthMax; number += 1) {
      say(ada, number, `text ${number}`);
      vi.advanceTimersByTime(1_000);
    }
    const [joined] = enter(chat, "Bob").takeOf("joined");
    expect(joined?.history).toHaveLength(historyLengthMax);
    expect(joined?.history[0]?.text).toBe("text 1");
    expect(joined?.history.at(-1)?.text).toBe(`text ${historyLengthMax}`);
  });

  test("in a room one is not in, nothing can be said", () => {
    const ada = enter(chat, "Ada", ["elsewhere"]);
    const bob = enter(chat, "Bob");
    say(ada, 1);
    expect(ada.takeOf("refused")).toMatchObject([{ code: "not-in-room", id: messageId(1) }]);
    expect(bob.takeOf("said")).toEqual([]);
  });

  test("typing is told to the others only, and only by those in the room", () => {
    const ada = enter(chat, "Ada");
    const bob = enter(chat, "Bob");
    const eve = enter(chat, "Eve", ["elsewhere"]);
    ada.say({ type: "typing", room: "lobby" });
    eve.say({ type: "typing", room: "lobby" });
    expect(bob.takeOf("typing")).toEqual([
      { type: "typing", room: "lobby", id: ada.visitor?.person.id },
    ]);
    expect(ada.takeOf("typing")).toEqual([]);
  });
});

describe("people", () => {
  test("arriving, renaming and leaving are told to the room", () => {
    const ada = enter(chat, "Ada");
    const bob = enter(chat, "Bob");
    expect(bob.takeOf("joined")[0]?.people.map(({ name }) => name)).toEqual(["Ada", "Bob"]);
    bob.say({ type: "rename", name: "Rob" });
    bob.visitor?.end();
    const id = bob.visitor?.person.id;
    expect(
      ada
        .take()
        .filter(({ type }) => type !== "rooms")
        .slice(2),
    ).toEqual([
      { type: "arrived", room: "lobby", person: { id, name: "Bob" } },
      { type: "renamed", person: { id, name: "Rob" } },
      { type: "departed", room: "lobby", id },
    ]);
  });

  test("two people may have the same name, and have different ids", () => {
    const first = connectLine(chat);
    const second = connectLine(chat);
    first.say({ type: "hello", key: keyOf("one"), name: "Ada", rooms: ["lobby"] });
    second.say({ type: "hello", key: keyOf("two"), name: "Ada", rooms: ["lobby"] });
    const [joined] = second.takeOf("joined");
    expect(joined?.people.map(({ name }) => name)).toEqual(["Ada", "Ada"]);
    expect(new Set(joined?.people.map(({ id }) => id)).size).toBe(2);
  });

  test("who comes back replaces the old connection and keeps the id, also at another server", () => {
    const before = enter(chat, "Ada");
    const after = enter(chat, "Ada");
    expect(before.closed).toEqual([{ code: 4000, reason: "Replaced by a newer connection." }]);
    expect(after.visitor?.person.id).toBe(before.visitor?.person.id);
    expect(after.takeOf("joined")[0]?.people).toHaveLength(1);
    before.visitor?.end();
    expect(chat.directory).toEqual([{ name: "lobby", people: 1 }]);
    const restarted = new ChatServer();
    expect(enter(restarted, "Ada").visitor?.person.id).toBe(after.visitor?.person.id);
    restarted.close();
  });

  test("nobody learns the key of another", () => {
    const ada = enter(chat, "Ada");
    const bob = enter(chat, "Bob");
    say(ada, 1);
    expect(JSON.stringify(bob.received)).not.toContain(keyOf("Ada"));
  });
});

describe("rooms", () => {
  test("a room comes with the first and goes with the last, the lobby stays", () => {
    const ada = enter(chat, "Ada", ["tea", "lobby"]);
    expect(chat.directory).toEqual([
      { name: "lobby", people: 1 },
      { name: "tea", people: 1 },
    ]);
    ada.say({ type: "leave", room: "tea" });
    ada.say({ type: "leave", room: "lobby" });
    expect(chat.directory).toEqual([{ name: "lobby", people: 0 }]);
  });

  test("the list of rooms is sent once for many changes", () => {
    const ada = enter(chat, "Ada");
    vi.runAllTimers();
    ada.take();
    for (let number = 0; number < 10; number += 1) enter(chat, `Guest ${number}`, ["tea"]);
    vi.runAllTimers();
    expect(ada.takeOf("rooms")).toEqual([
      {
        type: "rooms",
        rooms: [
          { name: "lobby", people: 1 },
          { name: "tea", people: 10 },
        ],
      },
    ]);
  });

  test("joining and leaving twice do no harm", () => {
    const ada = enter(chat, "Ada");
    const bob = enter(chat, "Bob");
    bob.take();
    for (const type of ["join", "join", "leave", "leave"] as const)
      ada.say({ type, room: "lobby" });
    expect(bob.take()).toEqual([{ type: "departed", room: "lobby", id: ada.visitor?.person.id }]);
  });
});

describe("limits", () => {
  test("visitors in total: one more is sent away with 1013", () => {
    const lines = Array.from({ length: visitorsMax + 1 }, () => connectLine(chat));
    expect(lines.slice(0, -1).every(({ closed }) => closed.length === 0)).toBe(true);
    expect(lines.at(-1)?.closed).toMatchObject([{ code: 1013 }]);
    expect(chat.visitorCount).toBe(visitorsMax);
  });

  test("rooms per person", () => {
    const names = Array.from({ length: roomsPerPersonMax }, (_, index) => `room ${index}`);
    const ada = enter(chat, "Ada", names);
    expect(ada.takeOf("joined")).toHaveLength(roomsPerPersonMax);
    ada.say({ type: "join", room: "one more" });
    expect(ada.takeOf("refused")).toMatchObject([{ code: "rooms-per-person", room: "one more" }]);
    ada.say({ type: "hello", key: keyOf("x"), name: "Ada", rooms: [...names, "one more"] });
    expect(ada.takeOf("refused")).toMatchObject([{ code: "invalid", request: "hello" }]);
  });

  test("rooms in total", () => {
    for (let number = 1; number < roomsMax; number += 1) {
      expect(enter(chat, `Guest ${number}`, [`room ${number}`]).takeOf("joined")).toHaveLength(1);
    }
    const last = enter(chat, "Last", ["one more", "lobby"]);
    expect(last.take()).toMatchObject([
      { type: "welcome" },
      { type: "refused", code: "rooms-in-total", room: "one more" },
      { type: "joined", room: "lobby" },
      { type: "rooms" },
    ]);
  });

  test("people per room", () => {
    for (let number = 0; number < peoplePerRoomMax; number += 1) enter(chat, `Guest ${number}`);
    expect(enter(chat, "Last").takeOf("refused")).toMatchObject([{ code: "room-full" }]);
  });

  test("messages: the burst and no more, then told when to try again", () => {
    const ada = enter(chat, "Ada");
    for (let number = 0; number <= sayBurst; number += 1) say(ada, number);
    const replies = ada.take();
    expect(replies.filter(({ type }) => type === "said")).toHaveLength(sayBurst);
    const refused = replies.find((reply) => reply.type === "refused");
    expect(refused).toMatchObject({ code: "too-fast", id: messageId(sayBurst) });
    vi.advanceTimersByTime(refused?.retryInMs ?? 0);
    say(ada, sayBurst);
    expect(ada.takeOf("said")).toHaveLength(1);
  });

  test("changes that everyone is told of: the burst and no more", () => {
    const ada = enter(chat, "Ada");
    const bob = enter(chat, "Bob");
    bob.take();
    for (let number = 0; number < changeBurst; number += 1) {
      ada.say({ type: "rename", name: `Ada ${number}` });
    }
    for (const type of ["typing", "join", "leave"] as const) ada.say({ type, room: "lobby" });
    ada.say({ type: "rename", name: "Too much" });
    expect(bob.take()).toHaveLength(changeBurst);
    expect(ada.takeOf("refused").map(({ code, request }) => `${code} ${request}`)).toEqual([
      "too-fast join",
      "too-fast leave",
      "too-fast rename",
    ]);
    vi.advanceTimersByTime(1_000);
    ada.say({ type: "leave", room: "lobby" });
    expect(bob.takeOf("departed")).toHaveLength(1);
  });

  test("requests: a flood ends the connection with 1008, and harms no other", () => {
    const ada = enter(chat, "Ada");
    const bob = enter(chat, "Bob");
    for (let number = 0; number < requestBurst * 2; number += 1) ada.visitor?.receive("{}");
    expect(ada.closed).toMatchObject([{ code: 1008 }]);
    expect(ada.takeOf("refused")).toHaveLength(requestBurst - 1);
    say(bob, 1);
    expect(bob.takeOf("said")).toHaveLength(1);
    expect(chat.directory).toEqual([{ name: "lobby", people: 1 }]);
  });

  test("who does not say hello in time is sent away", () => {
    const line = connectLine(chat);
    vi.advanceTimersByTime(helloTimeoutMs - 1);
    expect(line.closed).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(line.closed).toMatchObject([{ code: 1008 }]);
    expect(chat.visitorCount).toBe(0);
  });

  test("the length of a message, at the bound and beyond it", () => {
    const ada = enter(chat, "Ada");
    say(ada, 1, "x".repeat(textLengthMax));
    say(ada, 2, "x".repeat(textLengthMax + 1));
    expect(ada.take().slice(-2)).toMatchObject([
      { type: "said" },
      {
        type: "refused",
        code: "invalid",
        request: "say",
        id: messageId(2),
        reason: expect.stringContaining(`too long: ${textLengthMax} characters at most`),
      },
    ]);
  });
});

describe("hostile input", () => {
  test("before hello nothing is done, and hello is said once", () => {
    const line = connectLine(chat);
    say(line, 1);
    expect(line.takeOf("refused")).toMatchObject([{ code: "hello-first" }]);
    line.say({ type: "hello", key: keyOf("a"), name: "A", rooms: [] });
    line.say({ type: "hello", key: keyOf("b"), name: "B", rooms: [] });
    expect(line.takeOf("refused")).toMatchObject([{ code: "hello-twice" }]);
  });

  test.each(["__proto__", "constructor", "tostring", "hasownproperty"])(
    "%s is a name and a room like any other",
    (name) => {
      const ada = enter(chat, name, [name]);
      ada.say({ type: "say", id: messageId(1), room: name, text: name });
      expect(ada.takeOf("said")).toMatchObject([
        { room: name, said: { by: { name }, text: name } },
      ]);
      expect(chat.directory.map((room) => room.name)).toEqual(["lobby", name]);
      ada.say({ type: "leave", room: name });
      expect(chat.findRoom(name)).toBeUndefined();
    },
  );

  test("nothing is received from, or sent to, a connection that is over", () => {
    const ada = enter(chat, "Ada");
    ada.visitor?.end();
    ada.visitor?.end();
    ada.take();
    say(ada, 1);
    vi.runAllTimers();
    expect(ada.take()).toEqual([]);
    expect(chat.visitorCount).toBe(0);
  });
});
