import { jsonCodec } from "@tidewire/session-protocol";
import { expect, test } from "vitest";
import { readMessages } from "../src/transports/post.js";

test("an answer that outlives its signal, as in Node's fetch, is cancelled all the same", async () => {
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"type":"pong"}\n')),
    cancel: () => {
      isCancelled = true;
    },
  });
  const abort = new AbortController();
  const seen: unknown[] = [];
  const read = readMessages(new Response(body), jsonCodec, abort.signal, (message) => {
    seen.push(message);
    abort.abort(new Error("given up"));
  });
  await expect(read).rejects.toThrow("given up");
  expect(isCancelled).toBe(true);
  expect(seen).toEqual(['{"type":"pong"}']);
});
