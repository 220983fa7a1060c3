// A line between a page and its server that the test can hold, cut and mend.

import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";

export class CutProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #upBytes = Number.POSITIVE_INFINITY;
  #isCut = false;
  readonly #held = new Set<() => void>();

  private constructor(target: number) {
    this.#server = createServer((socket) => this.#join(socket, target));
  }

  /** @param target the server's port on this machine */
  static async open(target: number): Promise<CutProxy> {
    const proxy = new CutProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Lets so many more bytes to the server, and holds what follows. */
  holdAfter(bytes: number): void {
    this.#upBytes = bytes;
  }

  /** Lets everything through again, what was held first. */
  release(): void {
    this.#upBytes = Number.POSITIVE_INFINITY;
    for (const goOn of [...this.#held]) goOn();
  }

  /** What is on the line is lost, and nobody can connect. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
    this.release();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  #join(near: Socket, target: number): void {
    if (this.#isCut) {
      near.destroy();
      return;
    }
    const far = connect(target, "127.0.0.1");
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    far.pipe(near);
    near.on("data", (chunk) => this.#pass(chunk, near, far));
    near.on("end", () => far.end());
  }

  #pass(chunk: Buffer, near: Socket, far: Socket): void {
    const now = chunk.subarray(0, this.#upBytes);
    this.#upBytes -= now.length;
    if (now.length > 0) far.write(now);
    if (now.length === chunk.length) return;
    near.pause();
    const goOn = (): void => {
      this.#held.delete(goOn);
      far.write(chunk.subarray(now.length));
      near.resume();
    };
    this.#held.add(goOn);
    near.on("close", () => this.#held.delete(goOn));
  }
}
