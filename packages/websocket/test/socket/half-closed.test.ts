/** RFC 6455 §7.1.5: a peer that ends its side of the stream without a Close frame, and listens on. */
import { connect as connectTcp, type Socket as NetSocket } from "node:net";
import { connect, type Socket, WebSocketServer } from "@tidewire/websocket";
import { describe, expect, onTestFinished, test } from "vitest";
import { clientFrame, RawClient, requestHead } from "../server/raw-client.js";
import { startHttp } from "../server/started.js";
import { until } from "../support/pairs.js";
import { acceptance, serverFrame, startRawServer } from "../support/raw-server.js";

/** Nothing but the end of the stream tells that the peer has gone. */
const UNTIMED = { keepalive: { pingIntervalMs: 0 }, directIo: false } as const;

interface HalfClosed {
  readonly socket: Socket;
  /** Below the socket. */
  readonly netSocket: NetSocket;
  readonly peer: NetSocket;
  /** The message "last", as this peer frames it. */
  readonly last: Buffer;
}

/** An open connection to a server whose port `listen` opens. */
async function openAtServer(listen: (server: WebSocketServer) => Promise<number>) {
  let netSocket!: NetSocket;
  const server = new WebSocketServer({
    ...UNTIMED,
    handlers: {
      open: (_socket, request) => {
        netSocket = request.message.socket;
      },
    },
  });
  onTestFinished(() => server.close({ timeoutMs: 0 }));
  const client = new RawClient(await listen(server));
  onTestFinished(() => client.hangUp());
  client.write(requestHead());
  await client.head();
  const [socket] = server.connections;
  const last = clientFrame(0x81, "last");
  return { socket: socket!, netSocket, peer: client.socket, last, server };
}

async function openAtClient(allowHalfOpen: boolean): Promise<HalfClosed> {
  let peer!: NetSocket;
  const { port, url } = await startRawServer((one, request) => {
    peer = one;
    one.resume();
    one.write(acceptance(request));
  });
  let netSocket!: NetSocket;
  const socket = await connect(url, {
    ...UNTIMED,
    createConnection: () => {
      netSocket = connectTcp({ port, host: "127.0.0.1", allowHalfOpen });
      return netSocket;
    },
  });
  onTestFinished(() => socket.terminate());
  return { socket, netSocket, peer, last: serverFrame(0x81, "last") };
}

async function attachedPort(server: WebSocketServer): Promise<number> {
  const { http, port } = await startHttp();
  server.attach(http);
  return port;
}

const ends: readonly [string, () => Promise<HalfClosed>][] = [
  [
    "a server on its own port",
    () => openAtServer(async (server) => (await server.listen({ host: "127.0.0.1" })).port),
  ],
  ["a server on an HTTP server", () => openAtServer(attachedPort)],
  ["a client", () => openAtClient(false)],
  ["a client whose socket may stay half open", () => openAtClient(true)],
];

describe.each(ends)("§7.1.5 %s", (_name, open) => {
  test("notices a peer that half-closes, says 1006 and ends its own side", async () => {
    const { socket, netSocket, peer } = await open();
    peer.end();
    expect(await socket.closed).toMatchObject({ code: 1006, wasClean: false });
    await until(() => netSocket.destroyed && peer.readableEnded);
  });

  test("and what came before the end is delivered", async () => {
    const { socket, peer, last } = await open();
    const received: unknown[] = [];
    socket.onmessage = ({ data }) => received.push(data);
    peer.end(last);
    expect(await socket.closed).toMatchObject({ code: 1006 });
    expect(received).toEqual(["last"]);
  });
});

test("the place of a peer that has half-closed is free again", async () => {
  const { socket, peer, server } = await openAtServer(attachedPort);
  peer.end();
  await socket.closed;
  expect(server.connections.size).toBe(0);
});

describe("the listeners for the end of a socket", () => {
  test("are ours alone where it may be half open: Node's would take a list for both", async () => {
    const { netSocket } = await openAtServer(attachedPort);
    expect(netSocket.listenerCount("end")).toBe(1);
  });

  test("include Node's where it may not", async () => {
    const { netSocket } = await openAtClient(false);
    // A client's socket is listened to a turn after it has opened.
    await until(() => netSocket.listenerCount("end") === 2);
  });

  test("include those of others, who hear the end as we do", async () => {
    let heard = false;
    const { socket, peer } = await openAtServer(async (server) => {
      const { http, port } = await startHttp();
      http.on("connection", (netSocket) => {
        netSocket.on("end", () => {
          heard = true;
        });
      });
      server.attach(http);
      return port;
    });
    peer.end();
    expect(await socket.closed).toMatchObject({ code: 1006 });
    expect(heard).toBe(true);
  });
});
