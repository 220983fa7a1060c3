// The page's half and the server's half of the chat, on a wire that the test can cut.
import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ChatServer } from "../../server/chat/chat-server.js";
import type { Visitor } from "../../server/chat/visitor.js";
import { roomsPerPersonMax } from "../../shared/limits.js";
import { ChatModel } from "../../web/chat/chat-model.js";
import type {
  Connection,
  ConnectionHandlers,
  ConnectionState,
} from "../../web/connection/connection.js";

// As on a real wire, nothing arrives while what arrived before is still being dealt with.
const arrivals: (() => void)[] = [];
let isDelivering = false;

function deliver(arrival: () => void): void {
  arrivals.push(arrival);
  if (isDelivering) return;
  isDelivering = true;
  for (let next = arrivals.shift(); next; next = arrivals.shift()) next();
  isDelivering = false;
}

/** A wire without a network. What the server says can get lost on its way. */
class TestingWire implements Connection {
  readonly state = signal<ConnectionState>({ state: "connecting" });
  handlers: ConnectionHandlers | undefined;
  visitor: Visitor | undefined;
  isDeaf = false;

  start(handlers: ConnectionHandlers): void {
    this.handlers = handlers;
  }

  plug(chat: ChatServer): void {
    this.isDeaf = false;
    this.visitor = chat.connect({
      send: (text) => {
        deliver(() => {
          this.state.value = { state: "online" };
          if (!this.isDeaf) this.handlers?.message(text);
        });
      },
      close: (code) => this.cut(code),
    });
    this.handlers?.open();
  }

  cut(code = 1006): void {
    const { visitor } = this;
    this.visitor = undefined;
    visitor?.end();
    this.state.value = { state: "offline", retryAt: 0 };
    this.handlers?.lost(code);
  }

  send(text: string): boolean {
    const { visitor } = this;
    if (visitor) deliver(() => visitor.receive(text));
    return visitor !== undefined;
  }

  retryNow(): void {}
  stop(): void {}
}

interface Tab {
  readonly wire: TestingWire;
  readonly model: ChatModel;
  readonly texts: () => string[];
  readonly waiting: () => string[];
}

let chat: ChatServer;

beforeEach(() => {
  vi.useFakeTimers();
  chat = new ChatServer();
});

afterEach(() => {
  chat.close();
  vi.useRealTimers();
});

function openTab(name: string, key?: string): Tab {
  const wire = new TestingWire();
  const model = new ChatModel({ connection: wire, key });
  model.start(name, ["lobby"]);
  model.show("lobby");
  wire.plug(chat);
  return {
    wire,
    model,
    texts: () => model.currentRoom.value?.messages.value.map(({ text }) => text) ?? [],
    waiting: () => model.pending.value.map(({ text }) => text),
  };
}

describe("a conversation", () => {
  test("both see both messages, in one order", () => {
    const ada = openTab("Ada");
    const bob = openTab("Bob");
    ada.model.say("one");
    bob.model.say("two");
    expect(ada.texts()).toEqual(["one", "two"]);
    expect(bob.texts()).toEqual(["one", "two"]);
    expect(ada.waiting()).toEqual([]);
  });

  test("another room's messages are counted until it is looked at", () => {
    const ada = openTab("Ada");
    const bob = openTab("Bob");
    ada.model.show("tea");
    bob.model.say("one");
    bob.model.say("two");
    expect(ada.model.unread.value).toBe(2);
    ada.model.show("lobby");
    expect(ada.model.unread.value).toBe(0);
    expect(ada.texts()).toEqual(["one", "two"]);
  });

  test("typing is shown for five seconds, or until the message is there", () => {
    const ada = openTab("Ada");
    const bob = openTab("Bob");
    const typists = () => bob.model.currentRoom.value?.typists.value.map(({ name }) => name);
    ada.model.typing();
    expect(typists()).toEqual(["Ada"]);
    vi.advanceTimersByTime(5_000);
    expect(typists()).toEqual([]);
    ada.model.typing();
    ada.model.say("done");
    expect(typists()).toEqual([]);
  });

  test("equal names are known to be shared, however they are written", () => {
    const ada = openTab("Ada");
    expect(ada.model.currentRoom.value?.sharedNames.value.size).toBe(0);
    openTab("ADA");
    expect(ada.model.currentRoom.value?.sharedNames.value).toEqual(new Set(["ada"]));
  });
});

describe("a lost connection", () => {
  test("what is written meanwhile is kept, and said once and in order when it is back", () => {
    const ada = openTab("Ada");
    const bob = openTab("Bob");
    ada.wire.cut();
    ada.model.say("one");
    ada.model.say("two");
    expect(ada.waiting()).toEqual(["one", "two"]);
    ada.wire.plug(chat);
    expect(ada.waiting()).toEqual([]);
    expect(bob.texts()).toEqual(["one", "two"]);
    expect(ada.texts()).toEqual(["one", "two"]);
  });

  test("a message whose receipt was lost is sent again, and shown once everywhere", () => {
    const ada = openTab("Ada");
    const bob = openTab("Bob");
    ada.wire.isDeaf = true;
    ada.model.say("one");
    expect(bob.texts()).toEqual(["one"]);
    expect(ada.waiting()).toEqual(["one"]);
    ada.wire.cut();
    ada.wire.plug(chat);
    expect(ada.waiting()).toEqual([]);
    expect(ada.texts()).toEqual(["one"]);
    expect(bob.texts()).toEqual(["one"]);
  });

  test("the same with a server that has forgotten everything", () => {
    const ada = openTab("Ada");
    const bob = openTab("Bob");
    ada.wire.isDeaf = true;
    ada.model.say("one");
    for (const { wire } of [ada, bob]) wire.cut();
    bob.model.say("two");
    chat.close();
    chat = new ChatServer();
    for (const { wire } of [bob, ada]) wire.plug(chat);
    expect(bob.texts()).toEqual(["one", "two"]);
    expect(ada.texts()).toEqual(["two", "one"]);
    expect(ada.model.pending.value.concat(bob.model.pending.value)).toEqual([]);
  });

  test("what others said meanwhile is there afterwards, and nothing twice", () => {
    const ada = openTab("Ada");
    const bob = openTab("Bob");
    ada.model.say("one");
    ada.wire.cut();
    bob.model.say("two");
    ada.wire.plug(chat);
    expect(ada.texts()).toEqual(["one", "two"]);
  });

  test("rooms and name are as before, also those chosen while it was away", () => {
    const ada = openTab("Ada");
    ada.wire.cut();
    ada.model.rename("Ada L.");
    ada.model.show("tea");
    ada.wire.plug(chat);
    vi.runAllTimers();
    expect(ada.model.directory.value).toEqual([
      { name: "lobby", people: 1 },
      { name: "tea", people: 1 },
    ]);
    expect(ada.model.currentRoom.value?.people.value).toEqual([ada.model.me.value]);
    expect(ada.model.me.value.name).toBe("Ada L.");
  });

  test("a hundred messages are kept, one more is not taken and not lost silently", () => {
    const ada = openTab("Ada");
    ada.wire.cut();
    for (let number = 0; number < 100; number += 1) expect(ada.model.say(`${number}`)).toBe(true);
    expect(ada.model.say("too much")).toBe(false);
    expect(ada.model.notice.value).toContain("Too many unsent messages");
    ada.wire.plug(chat);
    vi.advanceTimersByTime(120_000);
    expect(ada.waiting()).toEqual([]);
    expect(ada.texts()).toEqual(Array.from({ length: 100 }, (_, number) => `${number}`));
  });
});

describe("refusals", () => {
  test("too fast: the rest is said later, without doing anything", () => {
    const ada = openTab("Ada");
    const texts = Array.from({ length: 15 }, (_, number) => `${number}`);
    for (const text of texts) ada.model.say(text);
    expect(ada.waiting()).not.toEqual([]);
    vi.advanceTimersByTime(10_000);
    expect(ada.waiting()).toEqual([]);
    expect(ada.texts()).toEqual(texts);
  });

  test("a message that is not taken says why, and others go on; it can be tried again or discarded", () => {
    const ada = openTab("Ada");
    ada.model.say("x".repeat(2_001));
    ada.model.say("fine");
    const [refused] = ada.model.pending.value;
    expect(refused?.refusal).toContain("too long");
    expect(ada.texts()).toEqual(["fine"]);
    ada.model.retry(refused?.id ?? "");
    expect(ada.model.pending.value[0]?.refusal).toContain("too long");
    ada.model.discard(refused?.id ?? "");
    expect(ada.model.pending.value).toEqual([]);
  });

  test("one room too many is told, and not entered", () => {
    const ada = openTab("Ada");
    for (let number = 1; number <= roomsPerPersonMax; number += 1) ada.model.show(`room ${number}`);
    expect(ada.model.rooms.value.size).toBe(roomsPerPersonMax);
    expect(ada.model.currentRoom.value).toBeUndefined();
    expect(ada.model.notice.value).toContain("Leave one first");
    ada.model.leave("lobby");
    ada.model.show(`room ${roomsPerPersonMax}`);
    expect(ada.model.currentRoom.value?.people.value).toHaveLength(1);
  });

  test("a duplicated tab: the older one becomes someone else, and both go on", () => {
    const key = "0".repeat(32);
    const original = openTab("Ada", key);
    const copy = openTab("Ada", key);
    expect(original.wire.state.value.state).toBe("offline");
    original.wire.plug(chat);
    expect(copy.wire.state.value.state).toBe("online");
    expect(original.model.me.value.id).not.toBe(copy.model.me.value.id);
    expect(copy.model.currentRoom.value?.people.value).toHaveLength(2);
  });
});
