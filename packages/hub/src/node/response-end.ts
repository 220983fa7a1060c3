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
  #watched: ResponseEnd[] | undefined;

  constructor(message: IncomingMessage, response: ServerResponse) {
    this.#message = message;
    this.#response = response;
  }

  get isFinished(): boolean {
    return this.#response.writableFinished;
  }

  get aborted(): boolean {
    const isClosed = this.#response.closed || this.#message.socket.destroyed;
    return isClosed && !this.isFinished;
  }

  addEventListener(_type: "abort", listen: () => void): void {
    if (this.#listeners === undefined) {
      this.#listeners = [listen];
      this.#watched = watchedOn(this.#message.socket);
      this.#watched.push(this);
    } else if (!this.#listeners.includes(listen)) this.#listeners.push(listen);
  }

  removeEventListener(_type: "abort", listen: () => void): void {
    const at = this.#listeners?.indexOf(listen) ?? -1;
    if (at < 0) return;
    this.#listeners!.splice(at, 1);
    if (this.#listeners!.length > 0) return;
    this.#listeners = undefined;
    const place = this.#watched?.indexOf(this) ?? -1;
    if (place >= 0) this.#watched!.splice(place, 1);
  }

  /** The connection is closed. */
  closed(): void {
    if (this.isFinished) return;
    // Taken out as they are called, as `once` says; every listener here is of that kind.
    const listeners = this.#listeners?.splice(0) ?? [];
    for (const listen of listeners) listen();
  }
}

/** Those who want to know of a connection's end: polls come in a row on it, and need no listener each. */
const watched = new WeakMap<Socket, ResponseEnd[]>();

function watchedOn(socket: Socket): ResponseEnd[] {
  const known = watched.get(socket);
  if (known !== undefined) {
    // Open responses that came to their end before the connection did.
    if (known.some((end) => end.isFinished)) {
      known.splice(0, known.length, ...known.filter((end) => !end.isFinished));
    }
    return known;
  }
  const ends: ResponseEnd[] = [];
  watched.set(socket, ends);
  socket.once("close", () => {
    for (const end of ends.splice(0)) end.closed();
  });
  return ends;
}
