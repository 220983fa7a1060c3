// The browser's WebSocket, played by the test.
import type { BrowserSocket } from "../../web/connection/reconnecting-socket.js";

export class FakeSocket implements BrowserSocket {
  onopen: WebSocket["onopen"] = null;
  onmessage: WebSocket["onmessage"] = null;
  onclose: WebSocket["onclose"] = null;
  readyState: WebSocket["readyState"] = 0;
  isClosed = false;
  readonly sent: string[] = [];

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.isClosed = true;
    this.readyState = 3;
  }

  open(): void {
    this.readyState = 1;
    this.#call(this.onopen, {});
  }

  receive(text: string): void {
    this.#call(this.onmessage, { data: text });
  }

  lose(code = 1006): void {
    this.readyState = 3;
    this.#call(this.onclose, { code });
  }

  #call(handler: unknown, event: object): void {
    if (typeof handler === "function") handler.call(this, event);
  }
}
