// Socket.IO's protocol, version 5 over Engine.IO's, version 4, as the load speaks it.

import { Connection } from "../connection.js";
import { FrameReader } from "../frame-reader.js";
import { createPost, HttpLane } from "./http-lane.js";
import {
  type Language,
  type Message,
  type Said,
  type Session,
  Wait,
  type Where,
} from "./session.js";
import { frameOf } from "./tidewire-socket.js";

/** Packet types: Engine.IO's, and after a message (4) those of Socket.IO. */
const PING = 0x32;
const MESSAGE = 0x34;
const CONNECT = 0x30;
const EVENT = 0x32;
const ACK = 0x33;
const SEPARATOR = 0x1e;

export const socketIo: Language = {
  event: (name, data) => `42${JSON.stringify([name, data])}`,
  // One request is under way per session, so one id will do.
  request: (name, data) => `421${JSON.stringify([name, data])}`,
  read(text): Said {
    const list = JSON.parse(text.replace(/^\d+/, "")) as unknown[];
    if (text.startsWith("42")) return { name: String(list[0]), data: list[1] };
    if (text.startsWith("43")) return { name: undefined, data: list[0] };
    throw new Error(`Neither an event nor an acknowledgement: ${text.slice(0, 200)}`);
  },
};

/** The state of one client, whatever carries it. */
class SocketIoClient {
  readonly #recovery: boolean;
  #id: string | undefined;
  #pid: string | undefined;
  #offset: string | undefined;
  #former: string | undefined;
  onMessage: Session["onMessage"] = () => {};
  onFailure: Session["onFailure"] = () => {};
  onConnect: (resumed: boolean) => void = () => {};
  /** Writes a packet of Engine.IO. */
  write: (text: string) => void = () => {};

  constructor(recovery: boolean) {
    this.#recovery = recovery;
  }

  connect(former: boolean): string {
    this.#former = former ? this.#id : undefined;
    if (!former || this.#pid === undefined) return "40";
    return `40${JSON.stringify({ pid: this.#pid, offset: this.#offset })}`;
  }

  forge(): void {
    this.#pid = "unknown-unknown-";
    this.#offset = "unknown";
    this.#id = "unknown";
  }

  receive(bytes: Buffer, start: number, end: number): void {
    const type = bytes[start];
    if (type === PING) this.write("3");
    else if (type === CONNECT) return;
    else if (type !== MESSAGE) this.#refuse(bytes, start, end);
    else if (bytes[start + 1] === EVENT) {
      if (this.#recovery) this.#remember(bytes, end);
      this.onMessage(bytes, start, end);
    } else if (bytes[start + 1] === ACK) this.onMessage(bytes, start, end);
    else if (bytes[start + 1] === CONNECT) this.#connected(bytes.toString("utf8", start + 2, end));
    else this.#refuse(bytes, start, end);
  }

  #connected(text: string): void {
    const { sid, pid } = JSON.parse(text) as { sid: string; pid?: string };
    const resumed = sid === this.#former;
    this.#id = sid;
    this.#pid = pid;
    this.onConnect(resumed);
  }

  /** The last argument of an event is where it stands: `…,"offset"]`. */
  #remember(bytes: Buffer, end: number): void {
    const from = bytes.lastIndexOf(0x22, end - 3) + 1;
    this.#offset = bytes.toString("latin1", from, end - 2);
  }

  #refuse(bytes: Buffer, start: number, end: number): void {
    this.onFailure(new Error(`The server said ${bytes.toString("utf8", start, end)}`));
  }
}

abstract class SocketIoSession implements Session {
  protected readonly client: SocketIoClient;

  constructor(recovery: boolean) {
    this.client = new SocketIoClient(recovery);
  }

  set onMessage(listen: Session["onMessage"]) {
    this.client.onMessage = listen;
  }

  set onFailure(fail: Session["onFailure"]) {
    this.client.onFailure = fail;
  }

  forge(): void {
    this.client.forge();
  }

  abstract open(former: boolean): Promise<boolean>;
  abstract send(message: Message): void;
  abstract cut(): void;
}

const pong = frameOf("3");

export class SocketIoSocket extends SocketIoSession {
  readonly #where: Where;
  #connection: Connection | undefined;

  constructor(where: Where, recovery: boolean) {
    super(recovery);
    this.#where = where;
    this.client.write = () => this.#connection?.socket.write(pong);
  }

  async open(former: boolean): Promise<boolean> {
    const connection: Connection = await Connection.open({
      ...this.#where,
      path: "/socket.io/?EIO=4&transport=websocket",
      tls: false,
      deflate: "off",
      onEnd: () => {
        if (this.#connection === connection) {
          this.client.onFailure(new Error("The server closed a connection."));
        }
      },
    });
    this.#connection = connection;
    const connected = new Wait<boolean>("A connect packet");
    this.client.onConnect = connected.resolve;
    const reader = new FrameReader((_, bytes, start, end) => {
      this.client.receive(bytes, start, end);
    });
    connection.onBytes = (bytes) => reader.receive(bytes);
    connection.socket.write(frameOf(this.client.connect(former)));
    return await connected.promise;
  }

  send(message: Message): void {
    this.#connection?.socket.write(message.frame);
  }

  cut(): void {
    const { socket } = this.#connection!;
    this.#connection = undefined;
    socket.resetAndDestroy();
  }
}

export class SocketIoPolls extends SocketIoSession {
  readonly #down: HttpLane;
  readonly #up: HttpLane;
  readonly #waiting: string[] = [];
  #path = "";
  #get = "";

  constructor(where: Where, recovery: boolean) {
    super(recovery);
    const fail = (error: Error): void => this.client.onFailure(error);
    this.#down = new HttpLane(where, fail);
    this.#up = new HttpLane(where, fail);
    this.client.write = (text) => this.#post(text);
  }

  async open(former: boolean): Promise<boolean> {
    const path = "/socket.io/?EIO=4&transport=polling";
    const opened = new Wait<string>("An open packet");
    this.#down.request(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`,
      (bytes, start, end) => opened.resolve(bytes.toString("utf8", start + 1, end)),
      () => {},
    );
    const { sid } = JSON.parse(await opened.promise) as { sid: string };
    this.#path = `${path}&sid=${sid}`;
    this.#get = `GET ${this.#path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
    const connected = new Wait<boolean>("A connect packet");
    this.client.onConnect = connected.resolve;
    this.#post(this.client.connect(former));
    this.#poll();
    return await connected.promise;
  }

  send(message: Message): void {
    this.#post(message.text);
  }

  cut(): void {
    this.#waiting.length = 0;
    this.#down.cut();
    this.#up.cut();
  }

  #poll(): void {
    this.#down.request(
      this.#get,
      (bytes, start, end) => this.#packets(bytes, start, end),
      () => this.#poll(),
    );
  }

  #packets(bytes: Buffer, start: number, end: number): void {
    for (let from = start; from < end; ) {
      const separator = bytes.indexOf(SEPARATOR, from);
      const to = separator < 0 || separator > end ? end : separator;
      this.client.receive(bytes, from, to);
      from = to + 1;
    }
  }

  #post(text: string): void {
    this.#waiting.push(text);
    this.#flush();
  }

  #flush(): void {
    if (this.#up.isBusy || this.#waiting.length === 0) return;
    const body = this.#waiting.splice(0).join(String.fromCharCode(SEPARATOR));
    this.#up.request(
      createPost(this.#path, "text/plain;charset=UTF-8", body),
      () => {},
      () => this.#flush(),
    );
  }
}
