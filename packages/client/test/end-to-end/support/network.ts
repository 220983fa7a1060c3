// The network between client and hub: a TCP proxy that can do what networks and proxies do to people.

import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/**
 * What happens to WebSocket handshakes: they pass, are answered with a status as by a proxy that knows
 * no upgrades, or are swallowed.
 */
export type Upgrades = "pass" | 403 | 502 | "hang";

/**
 * - `up`: all passes.
 * - `down`: what is open breaks, and nothing can be opened.
 * - `frozen`: nothing passes and nobody is told. Afterwards what is still open goes on, as TCP does.
 */
type Weather = "up" | "down" | "frozen";

interface Line {
  readonly near: Socket;
  far: Socket | undefined;
  isSwallowed: boolean;
}

export class Network {
  upgrades: Upgrades = "pass";
  /** Handshakes that were not let through. */
  refused = 0;
  /** Where connections go; another one for those that come from now on. */
  target: number;
  #weather: Weather = "up";
  readonly #lines = new Set<Line>();
  readonly #server: Server;

  private constructor(target: number) {
    this.target = target;
    this.#server = createServer((near) => this.#accept(near));
  }

  /** Open until the test is over. */
  static async to(target: number): Promise<Network> {
    const network = new Network(target);
    await new Promise<void>((resolve) => network.#server.listen(0, "127.0.0.1", resolve));
    onTestFinished(async () => {
      network.breakAll();
      await new Promise((resolve) => network.#server.close(resolve));
    });
    return network;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Breaks what is open; what is opened afterwards passes. */
  breakAll(): void {
    for (const { near, far } of this.#lines) {
      near.resetAndDestroy();
      far?.resetAndDestroy();
    }
  }

  cut(): void {
    this.#weather = "down";
    this.breakAll();
  }

  freeze(): void {
    this.#weather = "frozen";
    for (const { near, far } of this.#lines) {
      near.pause();
      far?.pause();
    }
  }

  restore(): void {
    const wasFrozen = this.#weather === "frozen";
    this.#weather = "up";
    if (!wasFrozen) return;
    for (const line of this.#lines) {
      if (line.isSwallowed) continue;
      line.near.resume();
      line.far?.resume();
    }
  }

  #accept(near: Socket): void {
    if (this.#weather === "down") {
      near.resetAndDestroy();
      return;
    }
    const line: Line = { near, far: undefined, isSwallowed: false };
    this.#lines.add(line);
    near.on("error", () => {});
    near.on("close", () => {
      line.far?.destroy();
      this.#lines.delete(line);
    });
    near.once("data", (first) => this.#begin(line, first));
    if (this.#weather === "frozen") near.pause();
  }

  #begin(line: Line, first: Buffer): void {
    const { near } = line;
    if (this.upgrades !== "pass" && /^upgrade: *websocket/im.test(first.toString("latin1"))) {
      this.refused += 1;
      line.isSwallowed = this.upgrades === "hang";
      if (!line.isSwallowed) {
        near.end(`HTTP/1.1 ${this.upgrades} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      }
      return;
    }
    const far = connect(this.target, "127.0.0.1");
    line.far = far;
    far.setNoDelay(true);
    near.setNoDelay(true);
    far.on("error", () => near.destroy());
    far.on("close", () => near.destroy());
    far.write(first);
    forward(near, far);
    forward(far, near);
    if (this.#weather === "frozen") this.freeze();
  }
}

/** With backpressure, so that a reader that stops is felt by the writer. */
function forward(from: Socket, to: Socket): void {
  from.on("data", (chunk) => {
    if (to.destroyed || to.write(chunk)) return;
    from.pause();
    to.once("drain", () => from.resume());
  });
  from.on("end", () => to.end());
}
