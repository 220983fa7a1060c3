// The questions that one finds there: about HTTP and WebSockets, with the place where the answer is
// written.
import { readSecondsDefault, secondsDefault } from "./limits.js";
import type { Question, QuestionSet } from "./question-set.js";

export const defaultSet: QuestionSet = {
  title: "HTTP and WebSockets",
  readSeconds: readSecondsDefault,
  questions: [
    // RFC 6455 §4.2.2
    ask(
      "Which status does a server answer to a WebSocket handshake over HTTP/1.1 that it accepts?",
      ["101 Switching Protocols"],
      ["200 OK", "302 Found", "426 Upgrade Required"],
    ),
    // RFC 6455 §4.1
    ask("Which method does that handshake use?", ["GET"], ["POST", "CONNECT", "UPGRADE"]),
    // RFC 6455 §11.1
    ask(
      "Which URI schemes does RFC 6455 define? Any right one counts.",
      ["ws", "wss"],
      ["http+ws", "sock"],
    ),
    // RFC 6455 §5.1
    ask(
      "Who masks the frames of a WebSocket connection?",
      ["The client"],
      ["The server", "Both", "Nobody, if TLS is used"],
    ),
    // RFC 6455 §5.5
    ask(
      "How many bytes may the payload of a ping have at most?",
      ["125"],
      ["None", "65,535", "As many as a message"],
    ),
    // RFC 6455 §4.2.2
    ask(
      "Sec-WebSocket-Accept is made of the client's key, a fixed GUID, and …",
      ["SHA-1"],
      ["MD5", "a password of the server", "the time of day"],
    ),
    // RFC 6455 §7.4.1
    ask(
      "Which close code means that the connection has done what it was for?",
      ["1000"],
      ["200", "1001", "1011"],
    ),
    // RFC 6455 §7.1.5, §7.4.1
    ask(
      "Which close code is never sent, and tells that a connection broke without a close frame?",
      ["1006"],
      ["1000", "1002", "1009"],
    ),
    // HTML Living Standard §9.2
    ask(
      "In which direction does an event stream (Server-Sent Events) carry events?",
      ["From server to client"],
      ["From client to server", "In both", "Between two browsers"],
    ),
    // HTML Living Standard §9.2.4
    ask(
      "By which header does an EventSource that reconnects say where to go on?",
      ["Last-Event-ID"],
      ["If-None-Match", "Range", "Retry-After"],
    ),
    // RFC 6585 §4
    ask(
      "Which status says that somebody has sent too many requests?",
      ["429"],
      ["403", "408", "502"],
    ),
    // RFC 9114 §1
    ask("What does HTTP/3 run on?", ["QUIC"], ["TCP", "WebSockets", "SMTP"]),
  ],
};

/** The right answers are not always the first. */
function ask(text: string, right: readonly string[], wrong: readonly string[]): Question {
  const answers = [
    ...right.map((answer) => ({ text: answer, correct: true })),
    ...wrong.map((answer) => ({ text: answer, correct: false })),
  ];
  const turn = text.length % answers.length;
  return {
    text,
    seconds: secondsDefault,
    answers: [...answers.slice(turn), ...answers.slice(0, turn)],
  };
}
