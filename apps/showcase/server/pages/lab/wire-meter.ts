// Counts the bytes of requests on the socket, headers and framing included.
//
// A socket counts what passes it; whose bytes they are follows from when they pass. HTTP/1.1 answers
// one request after the other, so between two ends of answers everything belongs to one request: from
// the end of the answer before it to the end of its own. While an answer stays open what has passed so
// far is counted already. A WebSocket has its socket from its handshake to the end.
//
// With TLS it is the bytes inside of it: the sockets count before they encrypt.
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { WireCounts } from "../../../shared/lab/contract.js";
import { labPath } from "../../../shared/lab/lab-path.js";

export class WireMeter {
  readonly #lines = new Map<string, WireLine>();
  /** The end of each socket's latest answer. */
  readonly #marks = new WeakMap<Socket, Mark>();

  /**
   * Sees all requests of a server from now on. Hubs take theirs before any listener is called, so
   * `emit` is where they can be seen; call this after hubs are attached.
   */
  watch(server: Server): void {
    const { emit } = server;
    const see = (event: unknown, [message, other]: readonly unknown[]): void => {
      if (event === "request") this.#request(message as IncomingMessage, other as ServerResponse);
      else if (event === "upgrade") this.#upgrade(message as IncomingMessage, other as Socket);
    };
    server.emit = function (this: Server, event: unknown, ...given: unknown[]): boolean {
      see(event, given);
      return Reflect.apply(emit, this, [event, ...given]) as boolean;
    } as Server["emit"];
  }

  /** Counts the requests to `…?line=name`. */
  open(name: string): WireLine {
    const line = new WireLine();
    this.#lines.set(name, line);
    return line;
  }

  close(name: string): void {
    this.#lines.delete(name);
  }

  #request(message: IncomingMessage, response: ServerResponse): void {
    const { socket } = message;
    const stretch = this.#lineOf(message)?.begin(socket, this.#markOf(socket));
    if (stretch !== undefined) message.once("end", () => stretch.received());
    response.once("close", () => {
      stretch?.end();
      this.#marks.set(socket, markNow(socket));
    });
  }

  #upgrade(message: IncomingMessage, socket: Socket): void {
    const stretch = this.#lineOf(message)?.begin(socket, this.#markOf(socket));
    if (stretch !== undefined) socket.once("close", () => stretch.end());
  }

  #markOf(socket: Socket): Mark {
    return this.#marks.get(socket) ?? { read: 0, written: 0 };
  }

  #lineOf({ url = "" }: IncomingMessage): WireLine | undefined {
    if (this.#lines.size === 0 || !url.startsWith(labPath)) return undefined;
    const line = new URLSearchParams(url.slice(url.indexOf("?") + 1)).get("line");
    return line === null ? undefined : this.#lines.get(line);
  }
}

/** What is counted together. */
export class WireLine {
  readonly #open = new Set<Stretch>();
  #requests = 0;
  #up = 0;
  #down = 0;

  /** With what has passed so far of requests that are not over. */
  get counts(): WireCounts {
    const counts = { up: this.#up, down: this.#down, requests: this.#requests };
    for (const stretch of this.#open) {
      counts.up += stretch.up;
      counts.down += stretch.down;
    }
    return counts;
  }

  begin(socket: Socket, from: Mark): Stretch {
    this.#requests += 1;
    const stretch = new Stretch(socket, from, () => {
      if (!this.#open.delete(stretch)) return;
      this.#up += stretch.up;
      this.#down += stretch.down;
    });
    this.#open.add(stretch);
    return stretch;
  }
}

/** Where a socket's own counters stood. */
interface Mark {
  readonly read: number;
  readonly written: number;
}

/** The part of a socket's life that belongs to one request. */
class Stretch {
  readonly #socket: Socket;
  readonly #from: Mark;
  readonly end: () => void;
  #readTo: number | undefined;

  constructor(socket: Socket, from: Mark, end: () => void) {
    this.#socket = socket;
    this.#from = from;
    this.end = end;
  }

  get up(): number {
    return (this.#readTo ?? this.#socket.bytesRead) - this.#from.read;
  }

  get down(): number {
    return this.#socket.bytesWritten - this.#from.written;
  }

  /** Its body is complete: what comes now is not of this request. */
  received(): void {
    this.#readTo = this.#socket.bytesRead;
  }
}

function markNow({ bytesRead, bytesWritten }: Socket): Mark {
  return { read: bytesRead, written: bytesWritten };
}
