/** Options that could never do what they say are refused before there is a connection. */
import { WebSocket, WebSocketServer, type WebSocketServerOptions } from "@tidewire/websocket";
import { describe, expect, test } from "vitest";

const { NaN: NO_NUMBER, POSITIVE_INFINITY: FOR_EVER } = Number;

type Options = Pick<
  WebSocketServerOptions<undefined>,
  "keepalive" | "closeTimeoutMs" | "sendQueueBytesMax" | "sendQueuePolicy"
>;

describe.each([
  ["server", (options: Options) => new WebSocketServer(options)],
  ["client", (options: Options) => new WebSocket("ws://127.0.0.1:1/", options)],
] as const)("a %s", (_role, create) => {
  test.each<[Options, string]>([
    [{ keepalive: { pingIntervalMs: -1 } }, "pingIntervalMs must be"],
    [{ keepalive: { pingIntervalMs: NO_NUMBER } }, "pingIntervalMs must be"],
    [{ keepalive: { pongDeadlineMs: 0 } }, "pongDeadlineMs must be"],
    [{ closeTimeoutMs: -1 }, "closeTimeoutMs must be"],
    [{ closeTimeoutMs: FOR_EVER }, "closeTimeoutMs must be"],
    [{ closeTimeoutMs: 2 ** 31 }, "closeTimeoutMs must be"],
    [{ sendQueueBytesMax: 0 }, "sendQueueBytesMax must be"],
    [{ sendQueuePolicy: "drop" as "reject" }, 'sendQueuePolicy must be "terminate" or "reject"'],
  ])("refuses %o", (options, message) => {
    expect(() => create(options)).toThrow(message);
  });
});

test("a server takes times and bounds without an end where they make sense", () => {
  const keepalive = { pingIntervalMs: FOR_EVER, pongDeadlineMs: FOR_EVER };
  const options = { keepalive, sendQueueBytesMax: FOR_EVER };
  expect(() => new WebSocketServer(options)).not.toThrow();
});

test("a server refuses subprotocols that nobody can offer", () => {
  expect(() => new WebSocketServer({ subprotocols: ["chat v1"] })).toThrow("chat v1");
});

test.each([-1, FOR_EVER, 2 ** 31])(
  "close() of a server refuses a timeoutMs of %d",
  async (timeoutMs) => {
    const server = new WebSocketServer();
    await expect(server.close({ timeoutMs })).rejects.toThrow("timeoutMs must be from 0 to");
    await server.close();
  },
);
