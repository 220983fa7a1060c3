// Writes an answer to Node's response: no faster than the client reads, and given up when it has gone.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answer } from "../transports/answer.js";
import { OpenResponse } from "../transports/open-response.js";
import { OncePerTurn } from "./once-per-turn.js";
import { ResponseOutlet } from "./response-outlet.js";

/** How long a client may take, ms, to read the end of an answer, or to stop sending after a refusal. */
export interface WriteRules {
  readonly lingerMs: number;
}

/** Never throws. A promise, where the answer goes on; it never rejects. */
export function writeAnswer(
  answer: Answer,
  message: IncomingMessage,
  response: ServerResponse,
  rules: WriteRules,
): Promise<void> | undefined {
  const { status, headers, body } = answer;
  if (response.destroyed || response.headersSent || message.socket.destroyed) {
    if (body instanceof OpenResponse) body.lost();
    return undefined;
  }
  if (body instanceof OpenResponse) {
    // A client that resets its connection is no news.
    response.on("error", ignore);
    response.writeHead(status, linesOf(headers));
    return writeOpen(body, response).then(() => endings.add({ message, response, rules }));
  }
  if (body !== null) {
    const length = Buffer.byteLength(body);
    response.writeHead(status, linesWithLength(headers, length));
    // With its length the head and the body leave in one write; `end(body)` would make it a list of two.
    response.cork();
    // Short bytes join the head as the text that stands for them; ASCII need not be encoded.
    if (length > body.length) response.write(body);
    else if (typeof body === "string") response.write(body, "latin1");
    else response.write(length > joinedMax ? body : latin1Of(body), "latin1");
    response.uncork();
    response.end();
  } else response.writeHead(status, linesOf(headers)).end();
  // Most answers are with the kernel by now, and only the others are watched.
  if (!isOver(message, response)) endings.add({ message, response, rules });
  return undefined;
}

/** Above it a copy costs more than a list of two in one write. */
const joinedMax = 8_192;

function latin1Of({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString("latin1");
}

/** As Node takes them. Most answers share one list. */
function linesOf(headers: Answer["headers"]): string[] {
  let lines = flat.get(headers);
  if (lines === undefined) {
    lines = headers.flat();
    flat.set(headers, lines);
  }
  return lines;
}

const flat = new WeakMap<Answer["headers"], string[]>();

/** The same, with a last line that differs: Node has written them all when it asks for the next. */
function linesWithLength(headers: Answer["headers"], length: number): string[] {
  let lines = flatWithLength.get(headers);
  if (lines === undefined) {
    lines = [...linesOf(headers), "Content-Length", ""];
    flatWithLength.set(headers, lines);
  }
  lines[lines.length - 1] = String(length);
  return lines;
}

const flatWithLength = new WeakMap<Answer["headers"], string[]>();

/** Resolves when it is over: closed by the hub, or given up by the client. */
function writeOpen(body: OpenResponse, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once("close", resolve);
    body.connect(new ResponseOutlet(response, () => body.taken(), resolve));
  });
}

interface Ending {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly rules: WriteRules;
}

/** What is left of a body is often there before the turn is over. */
const endings = new OncePerTurn<Ending>(({ message, response, rules }) =>
  lingerAfter(message, response, rules),
);

/**
 * Frees the socket of a client that stops reading its answer, or that goes on sending a body which was
 * refused. Hanging up at once could take the answer with it.
 */
function lingerAfter(
  message: IncomingMessage,
  response: ServerResponse,
  { lingerMs }: WriteRules,
): void {
  if (!message.complete) message.resume();
  const { socket } = message;
  if (isOver(message, response) || socket.destroyed) return;
  let left = Number.POSITIVE_INFINITY;
  // A slow reader may take its time, as long as there is less to read each time.
  const timer = setInterval(() => {
    const isReading = !response.writableFinished && socket.writableLength < left;
    left = socket.writableLength;
    if (!isReading) socket.destroy();
  }, lingerMs);
  timer.unref();
  const stop = (): void => {
    if (isOver(message, response)) clearInterval(timer);
  };
  response.once("finish", stop);
  message.once("end", stop);
  socket.once("close", () => clearInterval(timer));
}

function isOver(message: IncomingMessage, response: ServerResponse): boolean {
  return response.writableFinished && message.complete;
}

function ignore(): void {}
