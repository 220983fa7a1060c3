// The WebSockets that are open, with their handshakes: who looks at a connection asks for them later.
// About a kilobyte for each connection. Cookies and the like are masked before anything is kept.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { SocketOpening } from "@tidewire/websocket";
import { headCharactersMax } from "../../../shared/wire/limits.js";
import { maskHead } from "./mask-secrets.js";

const openings = "tidewire.websocket.open";

export interface OpenSocket {
  /** The session that came with it first. Whoever repeats its key later gets nothing of it. */
  owner: string | undefined;
  /** Of the request, with its query. */
  readonly url: string;
  /** Its `Sec-WebSocket-Key`, which is random for each connection. */
  readonly key: string;
  readonly netSocket: Socket;
  /** As it was sent, but for masked secrets. */
  readonly request: string;
  readonly response: string;
  readonly responseBytes: number;
  /** Bytes of the request as the socket has counted them, 0 where it cannot tell. */
  readonly requestBytes: number;
  /** Whether the request shown had just as many. */
  readonly isCounted: boolean;
  readonly secure: boolean;
}

export class OpenSockets {
  readonly #path: string;
  readonly #besides: string;
  readonly #byKey = new Map<string, OpenSocket>();
  readonly #onOpen: (socket: OpenSocket) => void;
  readonly #listen = (message: unknown): void => this.#opened(message as SocketOpening);

  /**
   * @param path of those that are remembered
   * @param besides of others, which are told and not remembered
   * @param onOpen told of each before a byte of it is written or read
   */
  constructor(path: string, besides: string, onOpen: (socket: OpenSocket) => void) {
    this.#path = path;
    this.#besides = besides;
    this.#onOpen = onOpen;
    subscribe(openings, this.#listen);
  }

  /** The socket with that key, for the session that it carries and for no other. */
  claim(key: string, session: string): OpenSocket | undefined {
    const socket = this.#byKey.get(key);
    if (socket === undefined) return undefined;
    socket.owner ??= session;
    return socket.owner === session ? socket : undefined;
  }

  close(): void {
    unsubscribe(openings, this.#listen);
    this.#byKey.clear();
  }

  #opened({ request, netSocket, response }: SocketOpening): void {
    const key = request.headers["sec-websocket-key"];
    const { url = "" } = request;
    const path = url.split("?", 1)[0];
    if (key === undefined || (path !== this.#path && path !== this.#besides)) return;
    if (this.#byKey.has(key)) return;
    const text = formatRequest(request);
    const socket: OpenSocket = {
      owner: undefined,
      url,
      key,
      netSocket,
      request: maskHead(text).slice(0, headCharactersMax),
      response: maskHead(response).slice(0, headCharactersMax),
      responseBytes: response.length,
      requestBytes: netSocket.bytesRead,
      isCounted: netSocket.bytesRead === text.length,
      secure: "encrypted" in netSocket,
    };
    if (path === this.#path) {
      this.#byKey.set(key, socket);
      netSocket.once("close", () => this.#byKey.delete(key));
    }
    this.#onOpen(socket);
  }
}

/** Node's parser gives all that was sent but the spaces around a value; the count tells if it was so. */
function formatRequest({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    text += `${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`;
  }
  return `${text}\r\n`;
}
