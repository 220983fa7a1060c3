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
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || response.destroyed) return;
      corkForTurn(response);
      if (!response.write(value)) await room(response);
    }
  } catch {
    // The source gave up on a client that does not read.
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
 * Frees the socket of a client that does not read its answer, or that goes on sending a body which was
 * refused. Hanging up at once could take the answer with it.
 */
function lingerAfter(
  message: IncomingMessage,
  response: ServerResponse,
  { lingerMs }: WriteRules,
): void {
  if (!message.complete) message.resume();
  if (response.writableFinished && message.complete) return;
  const { socket } = message;
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  timer.unref();
  const stop = (): void => {
    if (response.writableFinished && message.complete) clearTimeout(timer);
  };
  response.once("finish", stop);
  message.once("end", stop);
  socket.once("close", () => clearTimeout(timer));
}

function ignore(): void {}
