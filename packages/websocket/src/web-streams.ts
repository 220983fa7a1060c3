/** A socket as Web Streams of messages, in the manner of `WebSocketStream`. */
import type { SendData } from "./send-data.js";
import type { Socket } from "./socket.js";
import { untilOpen } from "./until-open.js";

export interface WebStreams {
  /**
   * The messages; reading none slows the peer down. Ends with the connection if that was closed
   * cleanly, and fails with `ConnectionClosedError` otherwise. `cancel` closes the socket.
   */
  readonly readable: ReadableStream<string | Uint8Array>;
  /**
   * Each chunk is sent as one message; a write is done when the send queue has room. `close` closes
   * the socket with 1000 and waits for it; `abort` closes it with 1011.
   */
  readonly writable: WritableStream<SendData>;
}

export function toWebStreams(socket: Socket): WebStreams {
  return { readable: createReadable(socket), writable: createWritable(socket) };
}

function createReadable(socket: Socket): ReadableStream<string | Uint8Array> {
  const messages = socket.messages();
  return new ReadableStream<string | Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await messages.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await messages.return();
        socket.close(1000);
      },
    },
    // The messages wait in one place only.
    { highWaterMark: 0 },
  );
}

function createWritable(socket: Socket): WritableStream<SendData> {
  return new WritableStream<SendData>({
    async start(controller) {
      // Whoever writes learns of a failure without having to write.
      socket.closed.then(() => {
        const error = socket.endError();
        if (error !== undefined) controller.error(error);
      });
      await untilOpen(socket);
    },
    async write(chunk) {
      await socket.send(chunk);
    },
    async close() {
      socket.close(1000);
      await socket.closed;
    },
    abort() {
      socket.closeFailed("the writable stream was aborted");
    },
  });
}
