import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ReconnectingSocket } from "../../web/connection/reconnecting-socket.js";
import { FakeSocket } from "./fake-socket.js";

let sockets: FakeSocket[];
let events: string[];
let connection: ReconnectingSocket;

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  events = [];
  connection = new ReconnectingSocket({
    url: "ws://test/chat",
    probe: "probe",
    random: () => 1,
    openSocket: () => {
      sockets.push(new FakeSocket());
      return last();
    },
  });
  connection.start({
    open: () => events.push("open"),
    message: (text) => events.push(text),
    lost: (code) => events.push(`lost ${code}`),
  });
});

afterEach(() => {
  connection.stop();
  expect(vi.getTimerCount(), "timers left behind").toBe(0);
  vi.useRealTimers();
});

function last(): FakeSocket {
  const socket = sockets.at(-1);
  if (!socket) throw new Error("no socket was opened");
  return socket;
}

function goOnline(): void {
  last().open();
  last().receive("welcome");
}

test("it is online with the server's first message, not with the open socket", () => {
  expect(connection.state.value).toEqual({ state: "connecting" });
  last().open();
  expect(connection.state.value).toEqual({ state: "connecting" });
  last().receive("welcome");
  expect(connection.state.value).toEqual({ state: "online" });
  expect(events).toEqual(["open", "welcome"]);
});

test("a lost connection is tried again at the time told, again and again, with growing waits", () => {
  goOnline();
  for (const waitMs of [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]) {
    last().lose();
    expect(connection.state.value).toEqual({ state: "offline", retryAt: Date.now() + waitMs });
    const { length } = sockets;
    vi.advanceTimersByTime(waitMs - 1);
    expect(sockets).toHaveLength(length);
    vi.advanceTimersByTime(1);
    expect(sockets).toHaveLength(length + 1);
  }
});

test("waits are short again after it worked, and not merely after a socket opened", () => {
  goOnline();
  last().lose();
  vi.advanceTimersByTime(500);
  last().open();
  last().lose(1013);
  expect(connection.state.value).toEqual({ state: "offline", retryAt: Date.now() + 1_000 });
  vi.advanceTimersByTime(1_000);
  goOnline();
  last().lose();
  expect(connection.state.value).toEqual({ state: "offline", retryAt: Date.now() + 500 });
  expect(events.filter((event) => event.startsWith("lost"))).toEqual([
    "lost 1006",
    "lost 1013",
    "lost 1006",
  ]);
});

test("retry now connects at once, and once only", () => {
  last().lose();
  connection.retryNow();
  connection.retryNow();
  expect(sockets).toHaveLength(2);
  goOnline();
  connection.retryNow();
  vi.advanceTimersByTime(5_000);
  expect(sockets).toHaveLength(2);
});

test("an attempt that nobody answers is given up after ten seconds", () => {
  vi.advanceTimersByTime(10_000);
  expect(sockets[0]?.isClosed).toBe(true);
  expect(connection.state.value.state).toBe("offline");
});

test("silence is probed, and an answer of any kind counts", () => {
  goOnline();
  vi.advanceTimersByTime(20_000);
  expect(last().sent).toEqual(["probe"]);
  last().receive("pong");
  vi.advanceTimersByTime(8_000);
  expect(connection.state.value.state).toBe("online");
});

test("a server that does not answer the probe is lost, and its late words are ignored", () => {
  goOnline();
  vi.advanceTimersByTime(28_000);
  expect(connection.state.value.state).toBe("offline");
  const old = sockets[0];
  vi.advanceTimersByTime(500);
  old?.receive("late");
  old?.lose();
  expect(events).toEqual(["open", "welcome", "lost 1006"]);
  expect(connection.state.value.state).toBe("connecting");
});

test("a device that woke up asks at once, or connects at once", () => {
  goOnline();
  connection.check();
  expect(last().sent).toEqual(["probe"]);
  vi.advanceTimersByTime(8_000);
  expect(connection.state.value.state).toBe("offline");
  connection.check();
  expect(connection.state.value.state).toBe("connecting");
});

test("nothing is sent without a connection, and the caller is told", () => {
  expect(connection.send("early")).toBe(false);
  goOnline();
  expect(connection.send("now")).toBe(true);
  last().lose();
  expect(connection.send("late")).toBe(false);
  expect(sockets.flatMap(({ sent }) => sent)).toEqual(["now"]);
});
