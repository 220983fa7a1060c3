// The interface of the WHATWG's WebSocket, at both ends.
import { on, once } from "node:events";
import { inspect } from "node:util";
import {
  connect,
  Socket,
  SocketCloseEvent,
  SocketMessageEvent,
  WebSocket,
} from "@tidewire/websocket";
import { describe, expect, it, vi } from "vitest";
import { nextEvent, openPair, ROLES, startClient, turn, until } from "../support/pairs.js";
import { acceptance, ClientFrames, serverFrame, startRawServer } from "../support/raw-server.js";

describe("constants and state", () => {
  it.each([
    ["CONNECTING", 0],
    ["OPEN", 1],
    ["CLOSING", 2],
    ["CLOSED", 3],
  ] as const)("%s is %i on the class and on instances, and cannot be changed", (name, value) => {
    for (const holder of [Socket, Socket.prototype]) {
      expect(Object.getOwnPropertyDescriptor(holder, name)).toMatchObject({
        value,
        writable: false,
        enumerable: true,
      });
    }
    expect(WebSocket[name]).toBe(value);
  });

  it("a socket goes through its states, and is an EventTarget throughout", async () => {
    const server = await startRawServer((socket, request) => socket.write(acceptance(request)));
    const socket = startClient(server.url);
    expect(socket).toBeInstanceOf(EventTarget);
    expect([socket.readyState, socket.url, socket.protocol, socket.extensions]).toEqual([
      0,
      server.url,
      "",
      "",
    ]);
    expect(() => socket.send("x")).toThrow(expect.objectContaining({ name: "InvalidStateError" }));
    await once(socket, "open");
    expect([socket.readyState, socket.OPEN]).toEqual([1, 1]);
    socket.close();
    expect(socket.readyState).toBe(2);
    socket.terminate();
    await once(socket, "close");
    expect(socket.readyState).toBe(3);
  });

  it.each(ROLES)("a %s's binaryType ignores what it does not know", async (role, roles) => {
    const [socket] = roles(await openPair());
    const byDefault = role === "client" ? "blob" : "uint8array";
    socket.binaryType = "nodebuffer" as never;
    expect(socket.binaryType).toBe(byDefault);
    socket.binaryType = "arraybuffer";
    expect(socket.binaryType).toBe("arraybuffer");
  });
});

describe("events", () => {
  it.each(ROLES)("a %s gets text as a string and binary as binaryType says", async (_, roles) => {
    const [socket, peer] = roles(await openPair());
    const seen: unknown[] = [];
    socket.onmessage = ({ data }) => seen.push(data);
    const bytes = Uint8Array.of(0, 1, 254, 255);
    peer.send("grüße 🦀");
    await until(() => seen.length === 1);
    for (const type of ["arraybuffer", "blob", "uint8array"] as const) {
      socket.binaryType = type;
      const before = seen.length;
      peer.send(bytes);
      await until(() => seen.length > before);
    }
    const [text, buffer, blob, array] = seen;
    expect(text).toBe("grüße 🦀");
    expect(buffer).toBeInstanceOf(ArrayBuffer);
    expect(new Uint8Array(buffer as ArrayBuffer)).toEqual(bytes);
    expect(blob).toBeInstanceOf(Blob);
    expect(new Uint8Array(await (blob as Blob).arrayBuffer())).toEqual(bytes);
    expect(Buffer.from(array as Uint8Array)).toEqual(Buffer.from(bytes));
  });

  it("a message event has the shape of the DOM's", async () => {
    const { client, server } = await openPair();
    const arrived = nextEvent(client, "message");
    server.send("hello");
    const event = await arrived;
    expect(event).toBeInstanceOf(Event);
    expect(event).toBeInstanceOf(SocketMessageEvent);
    const { type, data, origin, target, currentTarget, isTrusted, bubbles, cancelable } = event;
    expect({ type, data, isTrusted, bubbles, cancelable }).toEqual({
      type: "message",
      data: "hello",
      isTrusted: true,
      bubbles: false,
      cancelable: false,
    });
    expect(origin).toBe(new URL(client.url).href.slice(0, -1));
    expect(target).toBe(client);
    expect(currentTarget).toBeNull();
    expect([event.lastEventId, event.source, event.ports, event.eventPhase]).toEqual([
      "",
      null,
      [],
      0,
    ]);
    expect(event.timeStamp).toBeGreaterThan(0);
    event.preventDefault();
    expect(event.defaultPrevented).toBe(false);
  });

  it("sockets and events can be shown by console.log", async () => {
    const { client, server } = await openPair();
    const arrived = nextEvent(client, "message");
    server.send("hello");
    expect(inspect(await arrived)).toBe("SocketMessageEvent { type: 'message', data: 'hello' }");
    expect(inspect(client)).toMatch(/^WebSocket \{\s+url: 'ws:/);
    expect(inspect({ nested: [server] })).toContain("ServerWebSocket {");
    expect(`${client}`).toBe("[object WebSocket]");
  });

  it("events.on() of Node iterates over the events", async () => {
    const { client, server } = await openPair();
    const events = on(client, "message");
    server.send("a");
    server.send("b");
    const seen: unknown[] = [];
    for await (const [event] of events) {
      seen.push((event as SocketMessageEvent).data);
      if (seen.length === 2) break;
    }
    expect(seen).toEqual(["a", "b"]);
  });

  it("a close event tells code, reason and whether it was clean", async () => {
    const { client, server } = await openPair();
    server.close(4001, "bye");
    const event = await nextEvent(client, "close");
    expect(event).toBeInstanceOf(SocketCloseEvent);
    expect(event).toMatchObject({ code: 4001, reason: "bye", wasClean: true, fault: undefined });
    expect(await server.closed).toEqual({ code: 4001, reason: "", wasClean: true });
  });

  it("open, messages, error and close come in this order, and nothing after close", async () => {
    const server = await startRawServer((socket, request) => {
      const frames = [serverFrame(0x81, "a"), serverFrame(0x81, "b"), serverFrame(0xf1, "bad")];
      socket.write(Buffer.concat([Buffer.from(acceptance(request)), ...frames, ...frames]));
      socket.on("end", () => socket.end());
    });
    const seen: string[] = [];
    const socket = startClient(server.url, {
      handlers: {
        open: () => seen.push("handler open"),
        message: (_, data) => seen.push(`handler ${data}`),
        error: () => seen.push("handler error"),
        close: (_, code) => seen.push(`handler close ${code}`),
      },
    });
    for (const type of ["open", "message", "error", "close"] as const) {
      socket.addEventListener(type, () => seen.push(type));
    }
    const { fault } = await nextEvent(socket, "close");
    await turn();
    expect(seen).toEqual([
      ...["handler open", "open", "handler a", "message", "handler b", "message"],
      ...["handler error", "error", "handler close 1006", "close"],
    ]);
    expect(fault?.code).toBe("reserved-bits");
    expect(socket.failure).toMatchObject({ name: "ProtocolError", fault });
  });

  it("no message event comes after close(), but handlers miss nothing", async () => {
    const seen: string[] = [];
    const { client, server } = await openPair({
      handlers: { message: (_, data) => seen.push(`handler ${data}`) },
    });
    client.onmessage = ({ data }) => seen.push(`event ${data}`);
    client.close();
    server.send("late");
    await client.closed;
    expect(seen).toEqual(["handler late"]);
  });

  it("the attributes keep their place among the listeners", async () => {
    const { client, server } = await openPair();
    const seen: string[] = [];
    client.addEventListener("message", () => seen.push("first"));
    client.onmessage = () => seen.push("attribute");
    client.addEventListener("message", () => seen.push("last"));
    const replaced = () => seen.push("replaced");
    client.onmessage = replaced;
    expect(client.onmessage).toBe(replaced);
    server.send("1");
    await until(() => seen.length === 3);
    expect(seen).toEqual(["first", "replaced", "last"]);
    client.onmessage = 5 as never;
    expect(client.onmessage).toBeNull();
    server.send("2");
    await until(() => seen.length === 5);
    expect(seen.slice(3)).toEqual(["first", "last"]);
  });

  it("listeners: once, handleEvent, no doubles, capture apart, removal, signals", async () => {
    const { client } = await openPair();
    const seen: string[] = [];
    const listener = () => seen.push("listener");
    const object = {
      name: "object",
      handleEvent() {
        seen.push(this.name);
      },
    };
    const controller = new AbortController();
    client.addEventListener("x", listener);
    client.addEventListener("x", listener);
    client.addEventListener("x", listener, true);
    client.addEventListener("x", listener, { capture: true });
    client.addEventListener("x", object, { once: true });
    client.addEventListener("x", () => seen.push("signal"), { signal: controller.signal });
    client.addEventListener("x", () => seen.push("never"), { signal: AbortSignal.abort() });
    client.addEventListener("x", null);
    expect(client.dispatchEvent(new Event("x"))).toBe(true);
    expect(seen).toEqual(["listener", "listener", "object", "signal"]);
    seen.length = 0;
    controller.abort();
    client.removeEventListener("x", listener, true);
    client.dispatchEvent(new Event("x"));
    expect(seen).toEqual(["listener"]);
    client.removeEventListener("x", listener);
    client.dispatchEvent(new Event("x"));
    expect(seen).toEqual(["listener"]);
    expect(() => client.addEventListener("x", "no" as never)).toThrow(TypeError);
  });

  it("dispatchEvent delivers foreign events with this socket as their target", async () => {
    const { client } = await openPair();
    const event = new Event("custom", { cancelable: true });
    let during: EventTarget | null = null;
    client.addEventListener("custom", (given) => {
      during = given.currentTarget;
      given.preventDefault();
      given.stopImmediatePropagation();
    });
    const never = vi.fn();
    client.addEventListener("custom", never);
    expect(client.dispatchEvent(event)).toBe(false);
    expect([event.target, during, event.currentTarget]).toEqual([client, client, null]);
    expect(never).not.toHaveBeenCalled();
    expect(() => client.dispatchEvent({ type: "x" } as never)).toThrow(TypeError);
  });

  it("listeners added or removed during delivery: the new wait, the removed are not called", async () => {
    const { client } = await openPair();
    const seen: string[] = [];
    const removed = () => seen.push("removed");
    client.addEventListener("x", () => {
      seen.push("first");
      client.removeEventListener("x", removed);
      client.addEventListener("x", () => seen.push("new"), { once: true });
    });
    client.addEventListener("x", removed);
    client.dispatchEvent(new Event("x"));
    expect(seen).toEqual(["first"]);
    client.dispatchEvent(new Event("x"));
    expect(seen).toEqual(["first", "first", "new"]);
  });

  it("what a handler throws surfaces by itself and disturbs nobody", async () => {
    const thrown: unknown[] = [];
    const original = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => thrown.push(error));
    try {
      const seen: unknown[] = [];
      const { client, server } = await openPair({
        handlers: {
          message() {
            throw new Error("handler");
          },
        },
      });
      client.addEventListener("message", () => {
        throw new Error("listener");
      });
      client.addEventListener("message", ({ data }) => seen.push(data));
      server.send("1");
      server.send("2");
      await until(() => seen.length === 2 && thrown.length === 4);
      expect(seen).toEqual(["1", "2"]);
      expect(thrown.map((error) => (error as Error).message)).toEqual([
        ...["handler", "listener", "handler", "listener"],
      ]);
      expect(client.readyState).toBe(WebSocket.OPEN);
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of original) process.on("uncaughtException", listener);
    }
  });
});

describe("close()", () => {
  it.each([0, 500, 999, 1001, 1005, 1006, 1015, 2999, 5000, 65_535, 65_536, Number.NaN, -1, null])(
    "a client must not close with %s: InvalidAccessError, and the socket stays open",
    async (code) => {
      const { client } = await openPair();
      expect(() => client.close(code as number)).toThrow(
        expect.objectContaining({ name: "InvalidAccessError" }),
      );
      expect(client.readyState).toBe(WebSocket.OPEN);
    },
  );

  it.each([1000, 3000, 4999, 999.6, "1000"])("a client may close with %s", async (code) => {
    const { client, server } = await openPair();
    client.close(code as number);
    expect((await server.closed).code).toBe(Math.round(Number(code)));
  });

  it.each([1000, 1001, 1002, 1003, 1007, 1008, 1011, 1012, 1013, 1014, 3000, 4999])(
    "a server may close with %i",
    async (code) => {
      const { client, server } = await openPair();
      server.close(code, "why");
      expect(await client.closed).toEqual({ code, reason: "why", wasClean: true });
    },
  );

  it.each([0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000])(
    "§7.4 a server must not close with %i",
    async (code) => {
      const { server } = await openPair();
      expect(() => server.close(code)).toThrow(
        expect.objectContaining({ name: "InvalidAccessError" }),
      );
    },
  );

  it("§5.5.1 a reason of 123 bytes is sent, one of 124 is a SyntaxError", async () => {
    const { client, server } = await openPair();
    expect(() => client.close(1000, `${"ä".repeat(61)}ab`)).toThrow(
      expect.objectContaining({ name: "SyntaxError" }),
    );
    expect(client.readyState).toBe(WebSocket.OPEN);
    client.close(1000, `${"ä".repeat(61)}a`);
    expect((await server.closed).reason).toBe(`${"ä".repeat(61)}a`);
  });

  it("§7.1.5 without a code the peer sees 1005", async () => {
    const { client, server } = await openPair();
    client.close();
    client.close(3000);
    expect(await server.closed).toEqual({ code: 1005, reason: "", wasClean: true });
    expect(await client.closed).toMatchObject({ code: 1005, wasClean: true });
  });

  it("goes behind what was sent before, and what is sent after it is discarded and counted", async () => {
    const seen: unknown[] = [];
    const { client, server } = await openPair(
      {},
      {
        handlers: { message: (_, data) => seen.push(data) },
      },
    );
    client.send("before");
    client.close();
    const before = client.bufferedAmount;
    await expect(client.send("ä")).rejects.toMatchObject({ name: "ConnectionClosedError" });
    client.send(new Uint8Array(3))?.catch(() => {});
    expect(client.bufferedAmount - before).toBe(5);
    await server.closed;
    expect(seen).toEqual(["before"]);
    await client.closed;
    expect(client.bufferedAmount).toBeGreaterThanOrEqual(5);
  });

  it("terminate() stops sending and delivery at once", async () => {
    const { client, server } = await openPair();
    const got: unknown[] = [];
    client.addEventListener("message", ({ data }) => {
      got.push(data);
      client.terminate();
    });
    for (const text of ["one", "two", "three"]) server.send(text);
    const { code, wasClean } = await client.closed;
    expect({ got, code, wasClean }).toEqual({ got: ["one"], code: 1006, wasClean: false });
    server.terminate();
    expect(server.readyState).toBe(2);
    await expect(server.send("late")).rejects.toMatchObject({ name: "ConnectionClosedError" });
  });

  it("a peer that never answers is given closeTimeoutMs", async () => {
    const server = await startRawServer((socket, request) => {
      socket.write(acceptance(request));
      socket.resume();
    });
    const client = await connect(server.url, { closeTimeoutMs: 1 });
    client.close(1000);
    expect(await client.closed).toEqual({ code: 1006, reason: "", wasClean: false });
    expect(client.failure).toMatchObject({ fault: { code: "close-timeout" } });
  });

  it("terminate() ends at once, with 1006", async () => {
    const { client, server } = await openPair();
    client.terminate();
    expect(await client.closed).toMatchObject({ code: 1006, wasClean: false });
    expect(await server.closed).toMatchObject({ code: 1006, wasClean: false });
  });
});

describe("ping and pong", () => {
  it.each(ROLES)(
    "a %s pings with its payload, and the peer's handlers see it",
    async (_, roles) => {
      const seen: string[] = [];
      const note = (what: string) => (_socket: unknown, payload: Uint8Array) =>
        void seen.push(`${what} ${Buffer.from(payload)}`);
      const handlers = { ping: note("ping"), pong: note("pong") };
      const [socket, peer] = roles(await openPair({ handlers }, { handlers }));
      socket.ping("p");
      peer.pong(Buffer.from("q"));
      socket.ping();
      await until(() => seen.length === 5);
      expect(seen.sort()).toEqual(["ping ", "ping p", "pong ", "pong p", "pong q"]);
    },
  );

  it("§5.5 a payload of 125 bytes is sent, one of 126 is a RangeError", async () => {
    const frames: ClientFrames[] = [];
    const server = await startRawServer((socket, request) => {
      frames.push(new ClientFrames(socket));
      socket.write(acceptance(request));
    });
    const client = await connect(server.url);
    client.ping(new Uint8Array(125).fill(7));
    expect(() => client.ping(new Uint8Array(126))).toThrow(RangeError);
    expect(() => client.pong("ä".repeat(63))).toThrow(RangeError);
    expect(() => client.ping(5 as never)).toThrow(TypeError);
    expect(await frames[0]!.next()).toEqual({ first: 0x89, payload: Buffer.alloc(125, 7) });
    client.terminate();
  });
});
