/** Options that there are none of, such as those of `ws`. */
import { connect, WebSocket, WebSocketServer } from "@tidewire/websocket";
import { describe, expect, test } from "vitest";

describe("an option that there is none of is refused by name", () => {
  test.each([
    ["port", 8080, "server.listen({ port })"],
    ["server", {}, "server.attach(httpServer)"],
    ["noServer", true, "server.upgrade()"],
    ["verifyClient", () => true, "use authenticate"],
    ["maxPayload", 1, "limits.messageBytesMax"],
    ["orgins", "any", "it has path, authenticate, origins"],
  ])("at a server: %s", (name, value, advice) => {
    const create = () => new WebSocketServer({ [name]: value } as object);
    expect(create).toThrow(`WebSocketServer has no option "${name}": `);
    expect(create).toThrow(advice);
  });

  test.each([
    ["rejectUnauthorized", false, "use tls: { rejectUnauthorized }"],
    ["protocols", ["a"], "use subprotocols"],
    ["timeout", 5, "it has subprotocols, headers"],
    ["constructor", 5, "it has subprotocols"],
  ])("at a client: %s", async (name, value, advice) => {
    const options = { [name]: value } as object;
    expect(() => new WebSocket("ws://127.0.0.1:1/", options)).toThrow(TypeError);
    await expect(connect("ws://127.0.0.1:1/", options)).rejects.toThrow(
      `WebSocket has no option "${name}": `,
    );
    await expect(connect("ws://127.0.0.1:1/", options)).rejects.toThrow(advice);
  });

  test("among the limits too", async () => {
    const limits = { messageBytes: 5 } as object;
    const words = 'limits has no option "messageBytes": it has messageBytesMax';
    expect(() => new WebSocketServer({ limits })).toThrow(words);
    await expect(connect("ws://127.0.0.1:1/", { limits })).rejects.toThrow(words);
    // A server's alone.
    const ofServer = { connectionsMax: 5 };
    expect(() => new WebSocketServer({ limits: ofServer })).not.toThrow();
    await expect(connect("ws://127.0.0.1:1/", { limits: ofServer as object })).rejects.toThrow(
      'no option "connectionsMax"',
    );
  });

  test("one that is undefined is none", () => {
    expect(() => new WebSocketServer({ port: undefined } as object)).not.toThrow();
  });
});
