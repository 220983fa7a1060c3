// Writes a web `Response` to Node's: no faster than the client reads, and given up when it has gone.

import type { IncomingMessage, ServerResponse } from "node:http";

/** How long a client may take, ms, to read the end of an answer, or to stop sending after a refusal. */
export interface WriteRules {
  readonly lingerMs: number;
}

/** Never rejects. Resolves when the answer is written, or nobody is there to read it. */
export async function writeResponse(
  answer: Response,
  message: IncomingMessage,
  response: ServerResponse,
  rules: WriteRules,
): Promise<void> {
  const reader = answer.body?.getReader();
  if (response.destroyed || response.headersSent) {
    reader?.cancel().catch(() => {});
    return;
  }
  // A client that resets its connection is no news.
  response.on("error", ignore);
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (reader !== undefined) await copy(reader, response);
  if (response.destroyed) return;
  response.end();
  lingerAfter(message, response, rules);
}

async function copy(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  response: ServerResponse,
): Promise<void> {
  const onClose = (): void => void reader.cancel().catch(ignore);
  response.once("close", onClose);
  // The source may give up on a client that does not read, while we wait for that client.
  reader.closed.catch(() => response.destroy());
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || response.destroyed) return;
      corkForTurn(response);
      if (!response.write(value)) await room(response);
    }
  } catch {
    response.destroy();
  } finally {
    response.off("close", onClose);
  }
}

/** What is written in one turn leaves in one write. */
function corkForTurn(response: ServerResponse): void {
  if (response.writableCorked > 0) return;
  response.cork();
  setImmediate(() => response.uncork());
}

function room(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.once("drain", done);
    response.once("close", done);
  });
}

/**
 * Frees the socket of a client that stops reading its answer, or that goes on sending a body which was
 * refused. Hanging up at once could take the answer with it.
 */
function lingerAfter(
  message: IncomingMessage,
  response: ServerResponse,
  { lingerMs }: WriteRules,
): void {
  const isOver = (): boolean => response.writableFinished && message.complete;
  if (!message.complete) message.resume();
  if (isOver()) return;
  const { socket } = message;
  let left = Number.POSITIVE_INFINITY;
  // A slow reader may take its time, as long as there is less to read each time.
  const timer = setInterval(() => {
    const isReading = !response.writableFinished && socket.writableLength < left;
    left = socket.writableLength;
    if (!isReading) socket.destroy();
  }, lingerMs);
  timer.unref();
  const stop = (): void => {
    if (isOver()) clearInterval(timer);
  };
  response.once("finish", stop);
  message.once("end", stop);
  socket.once("close", () => clearInterval(timer));
}

function ignore(): void {}
