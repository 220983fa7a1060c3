// Many sessions of one server, and one that is asked and told things in between.

import { createPayload } from "../../payload.js";
import type { HubTarget } from "../job.js";
import type { Language, Message, Said, Session } from "./session.js";
import { Wait } from "./session.js";
import { SocketIoPolls, SocketIoSocket, socketIo } from "./socket-io.js";
import { tidewire } from "./tidewire.js";
import { TidewireHttp } from "./tidewire-http.js";
import { frameOf, TidewireSocket } from "./tidewire-socket.js";

/** As many are opened at a time, so that no backlog overflows. */
const AT_ONCE = 200;

export class Crowd {
  readonly sessions: readonly Session[];
  readonly language: Language;
  /** What is sent in all messages, unless a driver says otherwise. */
  readonly data: string;
  readonly #target: HubTarget;

  constructor(target: HubTarget, count: number = target.connections) {
    this.#target = target;
    this.language = target.dialect === "tidewire" ? tidewire : socketIo;
    this.data = createPayload(target.payloadBytes).toString("latin1");
    this.sessions = Array.from({ length: count }, (_, index) => this.create(index));
  }

  create(index: number): Session {
    const { port, dialect, transport, recovery } = this.#target;
    const where = { port, index };
    if (dialect === "tidewire") {
      return transport === "websocket"
        ? new TidewireSocket(where)
        : new TidewireHttp(where, transport);
    }
    if (transport === "websocket") return new SocketIoSocket(where, recovery);
    if (transport === "poll") return new SocketIoPolls(where, recovery);
    throw new Error(`Socket.IO has no transport ${transport}.`);
  }

  set onFailure(fail: (error: Error) => void) {
    for (const session of this.sessions) session.onFailure = fail;
  }

  /** Opens all, a few hundred under way at any time; answers how many sessions went on. */
  async open(former = false): Promise<number> {
    let next = 0;
    let resumed = 0;
    const lane = async (): Promise<void> => {
      while (next < this.sessions.length) {
        const session = this.sessions[next]!;
        next += 1;
        if (await session.open(former)) resumed += 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return resumed;
  }

  event(name: string, data: string = this.data): Message {
    return messageOf(this.language.event(name, data));
  }

  request(name: string, data: string = this.data): Message {
    return messageOf(this.language.request(name, data));
  }

  /** Sends, and answers the first thing that comes of it. */
  async ask(session: Session, message: Message): Promise<Said> {
    const answer = new Wait<Said>("An answer");
    session.onMessage = (bytes, start, end) => {
      answer.resolve(this.language.read(bytes.toString("utf8", start, end)));
    };
    session.onFailure = answer.reject;
    session.send(message);
    return await answer.promise;
  }

  /**
   * The first says something in the room of all.
   *
   * @throws {Error} unless everybody gets it.
   */
  async sayToAll(message: Message): Promise<void> {
    const answers = this.sessions.map((session) => {
      const answer = new Wait<Said>("What was said");
      session.onFailure = answer.reject;
      session.onMessage = (bytes, start, end) =>
        answer.resolve(this.language.read(bytes.toString("utf8", start, end)));
      return answer.promise;
    });
    this.sessions[0]!.send(message);
    for (const said of await Promise.all(answers)) checkSaid(said, "said", this.data);
  }
}

export function messageOf(text: string): Message {
  return { text, frame: frameOf(text) };
}

/** @throws {Error} unless it says this. */
export function checkSaid(said: Said, name: string | undefined, data: string): void {
  if (said.name !== name || said.data !== data) {
    throw new Error(`A wrong answer: ${JSON.stringify(said).slice(0, 200)}`);
  }
}
