// A relay before a server that counts what passes it, raw and each way: an independent witness for
// whoever claims to know.

import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";

export class CountingProxy {
  /** Bytes from clients to the server, and back. */
  up = 0;
  down = 0;
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(targetPort: number): Promise<CountingProxy> {
    const proxy: CountingProxy = new CountingProxy(
      createServer((client) => proxy.#relay(client, connect(targetPort, "127.0.0.1"))),
    );
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #relay(client: Socket, target: Socket): void {
    this.connections += 1;
    client.on("data", (bytes) => {
      this.up += bytes.length;
      target.write(bytes);
    });
    target.on("data", (bytes) => {
      this.down += bytes.length;
      client.write(bytes);
    });
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("end", () => other.end());
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
