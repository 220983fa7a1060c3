// Puts the chat on WebSockets.
import type { Server as HttpServer } from "node:http";
import { WebSocketServer } from "@tidewire/websocket";
import { chatPath } from "../shared/limits.js";
import { ChatServer } from "./chat/chat-server.js";
import {
  backlogBytesMax,
  messageBytesMax,
  visitorsMax,
  visitorsPerAddressMax,
} from "./chat/limits.js";
import type { Visitor } from "./chat/visitor.js";

/** What goes with a socket: whom it belongs to, once it is open. */
interface Seat {
  visitor: Visitor | undefined;
}

export interface AttachedChat {
  /** Closes all connections; those that do not answer in time are cut. */
  close(timeoutMs: number): Promise<void>;
}

/** @param hosts names that pages may reach this server by; undefined for any */
export function attachChat(
  httpServer: HttpServer,
  hosts: readonly string[] | undefined,
): AttachedChat {
  const chat = new ChatServer();
  const sockets = new WebSocketServer<Seat>({
    path: chatPath,
    authenticate: () => ({ visitor: undefined }),
    hosts,
    limits: {
      connectionsMax: visitorsMax,
      connectionsPerAddressMax: visitorsPerAddressMax,
      messageBytesMax,
    },
    sendQueueBytesMax: backlogBytesMax,
    handlers: {
      open(socket) {
        socket.data.visitor = chat.connect({
          send: (text) => {
            socket.send(text)?.catch(() => {}); // It closed first: `close` tells.
          },
          close: (code, reason) => socket.close(code, reason),
        });
      },
      message(socket, data, isBinary) {
        if (isBinary) socket.close(1003, "This chat is made of text.");
        else socket.data.visitor?.receive(String(data));
      },
      close(socket) {
        socket.data.visitor?.end();
      },
    },
  });
  sockets.attach(httpServer);
  return {
    async close(timeoutMs) {
      await sockets.close({ code: 1001, reason: "The server is going away.", timeoutMs });
      chat.close();
    },
  };
}
