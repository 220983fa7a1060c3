import { connect, DeflateBudget, type ServerWebSocket, WebSocketServer } from "@tidewire/websocket";
import { expect, onTestFinished, test } from "vitest";
import { until } from "../support/pairs.js";

const WINDOW_BYTES = 32 * 1024;
const PLAIN_ANSWER = "permessage-deflate";
const FORGETFUL_ANSWER =
  "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

test("RFC 7692 §7.1.1 a server whose budget is half promised refuses context takeover, and offers it again when windows are free", async () => {
  const budget = new DeflateBudget({ memoryBytesMax: 4 * WINDOW_BYTES });
  const sockets: ServerWebSocket[] = [];
  const server = new WebSocketServer({
    perMessageDeflate: {
      serverNoContextTakeover: false,
      clientNoContextTakeover: false,
      thresholdBytes: 0,
      budget,
    },
    handlers: {
      open: (socket) => void sockets.push(socket),
      message: (socket, data) => void socket.send(data),
    },
  });
  const { url } = await server.listen({ host: "127.0.0.1" });
  onTestFinished(() => server.close({ timeoutMs: 0 }));
  // A budget of its own for the clients: theirs is not what is short.
  const open = () => connect(url, { perMessageDeflate: { budget: new DeflateBudget() } });

  const [first, second, third] = [await open(), await open(), await open()];
  expect([first, second, third].map(({ extensions }) => extensions)).toEqual([
    PLAIN_ANSWER,
    PLAIN_ANSWER,
    FORGETFUL_ANSWER,
  ]);
  // The third is served none the less: no window that nobody has room for fails it with 1011.
  const text = "the same again and again, ".repeat(20);
  for (const socket of [first, second, third]) {
    const echo = socket.messages();
    for (let turn = 0; turn < 3; turn++) {
      socket.send(text);
      expect(await echo.next()).toEqual({ done: false, value: text });
    }
  }

  first.terminate();
  await until(() => server.connections.size === 2);
  const fourth = await open();
  expect(fourth.extensions).toBe(PLAIN_ANSWER);
  for (const socket of [second, third, fourth]) socket.terminate();
});
