// A connection to the chat as a list of what was sent on it.
import type { ChatServer } from "../../../server/chat/chat-server.js";
import type { Visitor } from "../../../server/chat/visitor.js";
import type { ClientMessage } from "../../../shared/client-message.js";
import type { ServerMessage } from "../../../shared/server-message.js";

export interface TestingLine {
  readonly received: ServerMessage[];
  readonly closed: { code: number; reason: string }[];
  readonly visitor: Visitor | undefined;
  say(message: ClientMessage): void;
  /** What was received since the last call. */
  take(): ServerMessage[];
  takeOf<Type extends ServerMessage["type"]>(type: Type): Extract<ServerMessage, { type: Type }>[];
}

export function connectLine(chat: ChatServer): TestingLine {
  const received: ServerMessage[] = [];
  const closed: TestingLine["closed"] = [];
  let seen = 0;
  const visitor = chat.connect({
    send: (text) => received.push(JSON.parse(text)),
    close: (code, reason) => closed.push({ code, reason }),
  });
  const take = () => {
    const news = received.slice(seen);
    seen = received.length;
    return news;
  };
  return {
    received,
    closed,
    visitor,
    say: (message) => visitor?.receive(JSON.stringify(message)),
    take,
    takeOf: <Type extends ServerMessage["type"]>(type: Type) =>
      take().filter(
        (message): message is Extract<ServerMessage, { type: Type }> => message.type === type,
      ),
  };
}

/** A connection that has said hello. */
export function enter(chat: ChatServer, name: string, rooms: string[] = ["lobby"]): TestingLine {
  const line = connectLine(chat);
  line.say({ type: "hello", key: keyOf(name), name, rooms });
  return line;
}

/** A key of its own for each name. */
export function keyOf(name: string): string {
  return Buffer.from(name.padEnd(16, "-")).toString("hex").slice(0, 32);
}

export function messageId(number: number): string {
  return number.toString(16).padStart(32, "0");
}
