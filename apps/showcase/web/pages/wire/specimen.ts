// A plain WebSocket to an echo that compresses, beside the session, to see what that looks like.
import { specimenPath } from "../../../shared/wire/specimen-path.js";

export class Specimen {
  readonly #socket: WebSocket;
  readonly #waiting: string[] = [];

  constructor(ticket: string) {
    const url = new URL(specimenPath, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("ticket", ticket);
    this.#socket = new WebSocket(url);
    this.#socket.onopen = () => {
      for (const text of this.#waiting.splice(0)) this.#socket.send(text);
    };
  }

  get isOver(): boolean {
    return this.#socket.readyState >= WebSocket.CLOSING;
  }

  say(text: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text);
    else this.#waiting.push(text);
  }

  close(): void {
    this.#socket.close();
  }
}
