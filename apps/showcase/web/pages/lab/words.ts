// The transports in plain words: how each works, when to choose it, and what it costs.
import type { LabTransport } from "../../../shared/lab/contract.js";

export interface LabWords {
  readonly label: string;
  readonly how: string;
  readonly choose: string;
  readonly costs: string;
}

export const labWords: Readonly<Record<LabTransport, LabWords>> = {
  polling: {
    label: "Polling",
    how: "The page asks again and again whether there is something new. The server answers at once, most often with nothing.",
    choose:
      "When news may be late, or when something on the way cuts every request that takes long. It gets through everywhere.",
    costs:
      "A message waits for the next question: half the interval on average. Each question is a whole request, whether there is news or not.",
  },
  "long-polling": {
    label: "Long polling",
    how: "The page asks, and the server answers when there is something to say, or with nothing after 25 seconds. Then the page asks again.",
    choose:
      "When a proxy holds back answers that stay open. As quick as the others while messages are rare.",
    costs:
      "A request with all its headers for almost every message. What happens between two requests waits for the second.",
  },
  stream: {
    label: "HTTP streaming",
    how: "One request whose answer does not end: the server writes message after message into it, and the page reads along.",
    choose:
      "When WebSockets are blocked, and for what flows one way, such as the tokens of a language model. Carries bytes as they are.",
    costs:
      "What the page says takes a request each time. It holds one of the six connections that browsers open to a server over HTTP/1.1.",
  },
  sse: {
    label: "Server-Sent Events",
    how: "The same, in a text format that browsers and proxies know by name, with a number on each event so that a new request can go on after it.",
    choose: "For feeds and dashboards: one direction, text, and tools that understand the format.",
    costs:
      "As HTTP streaming, with some bytes more for each event. Text only: binary data grows by a third.",
  },
  websocket: {
    label: "WebSocket",
    how: "One request turns its connection into a channel for both directions. From then on a message has two to fourteen bytes of frame, and no headers.",
    choose:
      "First, wherever it gets through: chat, games, editing together; whatever speaks often or both ways.",
    costs:
      "An open connection for each client, which some proxies refuse or cut. Then you need something to fall back to.",
  },
};
