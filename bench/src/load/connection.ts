// One connection of the load: a plain socket, its handshake done, whose bytes go to a function. All
// sockets of the process read into the same memory, so reading allocates nothing.

import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { createRequest, type HandshakeOptions, readAnswer } from "./handshake.js";

const OPEN_MS = 20_000;

const memory = Buffer.allocUnsafeSlow(256 * 1024);

export interface SocketOptions {
  readonly port: number;
  readonly tls: boolean;
  /** Distinguishes source addresses, which have some 28,000 ports each. */
  readonly index: number;
  readonly onEnd?: (() => void) | undefined;
}

export interface ConnectionOptions extends HandshakeOptions, SocketOptions {}

export class Connection {
  readonly socket: Socket;
  /** What the server agreed to. */
  extensions = "";
  /** Takes what arrives; the bytes are only valid during the call. */
  onBytes: (bytes: Buffer) => void = () => {};
  /** Bytes of the current answer still to come. */
  awaited = 0;
  ended = false;

  private constructor(options: SocketOptions) {
    const { port, tls, index } = options;
    const where = { host: "127.0.0.1", port, localAddress: `127.0.0.${2 + (index % 250)}` };
    if (tls) {
      this.socket = connectTls({ ...where, rejectUnauthorized: false });
      this.socket.on("data", (bytes: Buffer) => this.onBytes(bytes));
    } else {
      const onread = {
        buffer: memory,
        callback: (length: number) => {
          this.onBytes(memory.subarray(0, length));
          return true;
        },
      };
      this.socket = connect({ ...where, onread, noDelay: true });
    }
  }

  /** A connection without a handshake, for HTTP. */
  static dial(options: SocketOptions): Connection {
    const connection = new Connection(options);
    connection.socket.on("error", () => {});
    connection.socket.on("close", () => {
      connection.ended = true;
      options.onEnd?.();
    });
    return connection;
  }

  /** @throws {Error} when there is no right answer in time. */
  static open(options: ConnectionOptions): Promise<Connection> {
    const connection = new Connection(options);
    const { socket } = connection;
    const { promise, resolve, reject } = deferred();
    const fail = (error: Error): void => {
      connection.ended = true;
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(new Error("No answer to the handshake.")), OPEN_MS);
    socket.on("error", fail);
    socket.on("close", () => {
      fail(new Error("The server closed the connection."));
      clearTimeout(timer);
      options.onEnd?.();
    });
    let head = "";
    connection.onBytes = (bytes) => {
      head += bytes.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      clearTimeout(timer);
      try {
        connection.extensions = readAnswer(head.slice(0, end));
      } catch (error) {
        fail(error as Error);
        return;
      }
      const rest = Buffer.from(head.slice(end + 4), "latin1");
      connection.onBytes = () => {};
      resolve(connection);
      // After whoever waits for the promise has set its function.
      if (rest.length > 0) setImmediate(() => connection.onBytes(rest));
    };
    socket.write(createRequest(options));
    return promise;
  }
}

const AT_ONCE = 200;

/** Opens many, a few hundred at a time so that no backlog overflows. */
export async function openMany(
  count: number,
  options: Omit<ConnectionOptions, "index">,
): Promise<Connection[]> {
  const connections: Connection[] = [];
  while (connections.length < count) {
    const from = connections.length;
    const length = Math.min(AT_ONCE, count - from);
    connections.push(
      ...(await Promise.all(
        Array.from({ length }, (_, index) => Connection.open({ ...options, index: from + index })),
      )),
    );
  }
  return connections;
}

/** Node 20 has no `Promise.withResolvers`. */
function deferred() {
  let resolve: (connection: Connection) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<Connection>((resolvePromise, rejectPromise) => {
    resolve = resolvePromise;
    reject = rejectPromise;
  });
  return { promise, resolve, reject };
}
