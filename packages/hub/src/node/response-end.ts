// That a client went before its answer was complete.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Departure } from "../sessions/departure.js";

export class ResponseEnd implements Departure {
  readonly #message: IncomingMessage;
  readonly #response: ServerResponse;
  /** Undefined until somebody wants to know. */
  #listeners: (() => void)[] | undefined;
  /** Where this is while somebody does. */
  #watched: Set<ResponseEnd> | undefined;

  constructor(message: IncomingMessage, response: ServerResponse) {
    this.#message = message;
    this.#response = response;
  }

  get aborted(): boolean {
    const isClosed = this.#response.closed || this.#message.socket.destroyed;
    return isClosed && !this.#response.writableFinished;
  }

  addEventListener(_type: "abort", listen: () => void): void {
    if (this.#listeners === undefined) {
      this.#listeners = [listen];
      this.#watched = watchedOn(this.#message.socket).add(this);
    } else if (!this.#listeners.includes(listen)) this.#listeners.push(listen);
  }

  removeEventListener(_type: "abort", listen: () => void): void {
    const at = this.#listeners?.indexOf(listen) ?? -1;
    if (at < 0) return;
    this.#listeners!.splice(at, 1);
    if (this.#listeners!.length > 0) return;
    this.#listeners = undefined;
    this.#watched?.delete(this);
  }

  /** The connection is closed. */
  closed(): void {
    if (this.#response.writableFinished) return;
    // Taken out as they are called, as `once` says; every listener here is of that kind.
    const listeners = this.#listeners?.splice(0) ?? [];
    for (const listen of listeners) listen();
  }
}

/** Those who want to know of a connection's end: polls come in a row on it, and need no listener each. */
const watched = new WeakMap<Socket, Set<ResponseEnd>>();

function watchedOn(socket: Socket): Set<ResponseEnd> {
  const known = watched.get(socket);
  if (known !== undefined) return known;
  const ends = new Set<ResponseEnd>();
  watched.set(socket, ends);
  socket.once("close", () => {
    for (const end of ends) end.closed();
  });
  return ends;
}
