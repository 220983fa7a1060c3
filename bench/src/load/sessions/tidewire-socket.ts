// Tidewire over WebSocket (PROTOCOL.md §10.1).

import { Connection } from "../connection.js";
import { createFrame, Opcode } from "../frame.js";
import { FrameReader } from "../frame-reader.js";
import { type Message, type Session, Wait, type Where } from "./session.js";
import { TidewireClient } from "./tidewire.js";

export class TidewireSocket implements Session {
  readonly #where: Where;
  readonly #client = new TidewireClient();
  #connection: Connection | undefined;

  constructor(where: Where) {
    this.#where = where;
    this.#client.onOwed = (packets) => {
      for (const text of packets) this.#connection?.socket.write(frameOf(text));
    };
  }

  set onMessage(listen: Session["onMessage"]) {
    this.#client.onMessage = listen;
  }

  set onFailure(fail: Session["onFailure"]) {
    this.#client.onFailure = fail;
  }

  async open(former: boolean): Promise<boolean> {
    const connection: Connection = await Connection.open({
      ...this.#where,
      path: "/tidewire",
      subprotocol: "tidewire.v1.json",
      tls: false,
      deflate: "off",
      onEnd: () => {
        if (this.#connection === connection) {
          this.#client.onFailure(new Error("The hub closed a connection."));
        }
      },
    });
    this.#connection = connection;
    const welcome = new Wait<boolean>("A welcome");
    this.#client.onWelcome = welcome.resolve;
    const reader = new FrameReader((first, bytes, start, end) => {
      const opcode = first & 0x0f;
      if (opcode === Opcode.text) this.#client.receive(bytes, start, end);
      else if (opcode === Opcode.ping) connection.socket.write(pongOf(bytes.subarray(start, end)));
      else this.#client.onFailure(new Error(`A frame with opcode ${opcode}.`));
    });
    connection.onBytes = (bytes) => reader.receive(bytes);
    connection.socket.write(frameOf(this.#client.hello(former)));
    return await welcome.promise;
  }

  forge(): void {
    this.#client.forge();
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

export function frameOf(text: string): Buffer {
  return createFrame(Buffer.from(text), { opcode: Opcode.text, masked: true });
}

export function pongOf(payload: Uint8Array): Buffer {
  return createFrame(payload, { opcode: Opcode.pong, masked: true });
}
