// The hub's WebSockets on Node: the gate before the handshake, then a `SocketLink` on each socket.

import type { Socket as NetSocket } from "node:net";
import { type Codec, type Entry, quickJsonCodec } from "@tidewire/session-protocol";
import {
  type PreparedMessage,
  ProtocolError,
  type Refusal,
  refuse,
  type ServerWebSocket,
  type TrustProxy,
  type UpgradeRequest,
  WebSocketServer,
} from "@tidewire/websocket";
import type { Admission, LinkFacts } from "../sessions/admission.js";
import { refusal } from "../transports/answer.js";
import type { HttpTransports } from "../transports/http-transports.js";
import type { Release } from "../transports/places.js";
import { type SocketHouse, SocketLink } from "../transports/socket-link.js";
import { urlOf } from "./request.js";

/** What the handshake found out. It holds the whole request, so it is let go when a link has taken it. */
interface Caller {
  readonly facts: LinkFacts;
  readonly release: Release;
  /** Before it is open its socket gives the place back; afterwards its link does. */
  readonly netSocket: NetSocket;
}

/** What a socket is for us: who calls, until it is open. */
type Party = Caller | SocketLink<PartySocket>;
type PartySocket = ServerWebSocket<Party>;

/** Bytes above `messageBytes` up to which a message is refused by its session (4413), not by its frames. */
const refusedBytes = 65_536;

/** What only concerns the WebSockets. */
interface SocketOptions {
  readonly trustProxy: TrustProxy | undefined;
  readonly directIo: boolean | undefined;
}

export type HubSocketServer = WebSocketServer<Party>;

/** A server for the WebSockets of a hub, behind the same gate as its HTTP transports. */
export function createSocketServer(
  admission: Admission,
  http: HttpTransports,
  { trustProxy, directIo }: SocketOptions,
): HubSocketServer {
  const { carriers, limits, failed } = http;
  const house: SocketHouse<PartySocket> = {
    admission,
    carriers,
    limits,
    failed,
    send: (socket, entry, codec) => {
      const prepared = frames.of(entry, codec);
      if (prepared !== undefined) socket.sendPrepared(prepared);
      // Its promise is backpressure, which `hasRoom` and `drain` tell as well.
      else socket.send(entry.encoded(codec))?.catch(ignore);
    },
  };
  const { messageBytes } = admission.limits;
  const server: HubSocketServer = new WebSocketServer<Party>({
    path: http.path === "" ? "/" : http.path,
    // The gate judges, so that no transport has rules of its own.
    origins: "any",
    trustProxy,
    directIo,
    subprotocols: admission.codecs.map((codec) => codec.subprotocol),
    requireSubprotocol: true,
    limits: {
      // What is moderately too long is read, so that its sender is told 4413 and not only 1009.
      messageBytesMax: messageBytes + refusedBytes,
      connectionsPerAddressMax: Number.POSITIVE_INFINITY,
    },
    // A welcome holds a secret, and events what others chose: compressed together they could betray it.
    perMessageDeflate: false,
    // A session asks after its link by itself (PROTOCOL.md §7.1).
    keepalive: { pingIntervalMs: 0 },
    authenticate: (request) => admit(request, http),
    handlers: {
      open: (socket) => {
        const codec = admission.codecs.find(({ subprotocol }) => subprotocol === socket.protocol);
        const { data: caller } = socket;
        if (caller instanceof SocketLink) return;
        const { facts, release, netSocket } = caller;
        socket.data = new SocketLink(socket, codec ?? quickJsonCodec, facts, house, release);
        netSocket.off("close", release);
      },
      message: ({ data: link }, data) => {
        if (link instanceof SocketLink) link.message(data);
      },
      drain: ({ data: link }) => {
        if (link instanceof SocketLink) link.drain();
      },
      error: ({ data: link }, error) => {
        const isTooLarge = error instanceof ProtocolError && error.fault.closeCode === 1009;
        if (isTooLarge && link instanceof SocketLink) link.tooLarge();
      },
      close: ({ data: party }, code, reason) => {
        if (party instanceof SocketLink) party.closed(code, reason);
        else party.release();
      },
    },
    refused: (_refusal, cause) => {
      if (cause !== undefined) failed(cause);
    },
  });
  const frames = new Frames(server);
  return server;
}

function admit(request: UpgradeRequest, { gate }: HttpTransports): Caller | Refusal {
  const url = urlOf(request.secure ? "https" : "http", request.host, request.url);
  const headers = { get: (name: string) => request.headers.value(name) ?? null };
  const address = request.remoteAddress;
  const passed = gate.judge({ method: "GET", url, headers, address }, "websocket");
  if (passed.type === "refused") return refusalOf(passed.bye);
  // Whoever leaves during the handshake gives the place back.
  const netSocket = request.message.socket;
  netSocket.once("close", passed.release);
  const facts: LinkFacts = {
    transport: "websocket",
    origin: passed.origin,
    address,
    url,
    headers,
  };
  return { facts, release: passed.release, netSocket };
}

/** The same status and packet as over HTTP; browsers hide both, other clients need not. */
function refusalOf(bye: Parameters<typeof refusal>[0]): Refusal {
  const answer = refusal(bye, []);
  const told = answer.headers.filter(([name]) => name === "Retry-After");
  return refuse(answer.status, String(quickJsonCodec.encode(bye)), told);
}

/**
 * Frames for many. An entry is framed for all when a second socket in a row sends it: what goes to
 * one peer only takes the shorter way. Only the latest frame is kept.
 */
class Frames {
  readonly #server: HubSocketServer;
  #entry: Entry | undefined;
  #codec: Codec | undefined;
  #prepared: PreparedMessage | undefined;

  constructor(server: HubSocketServer) {
    this.#server = server;
  }

  of(entry: Entry, codec: Codec): PreparedMessage | undefined {
    if (entry !== this.#entry || codec !== this.#codec) {
      this.#entry = entry;
      this.#codec = codec;
      this.#prepared = undefined;
      return undefined;
    }
    this.#prepared ??= this.#server.prepare(entry.encoded(codec));
    return this.#prepared;
  }
}

function ignore(): void {}
