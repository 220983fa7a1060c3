/** A socket as a Node stream: of bytes like a TCP socket, or of messages with `objectMode`. */
import { Duplex, type DuplexOptions } from "node:stream";
import type { ReadySendData } from "./send-data.js";
import type { Socket } from "./socket.js";
import { untilOpen } from "./until-open.js";

export interface NodeStreamOptions {
  /**
   * Read and write messages: text as strings, binary as bytes. Default false: the bytes of all
   * messages one after the other, and each write is one binary message.
   */
  readonly objectMode?: boolean | undefined;
  /** Send what is written as text messages; it must be UTF-8. Default false; not in `objectMode`. */
  readonly asText?: boolean | undefined;
}

/**
 * Ending the stream closes the socket with 1000; destroying it with an error closes it with 1011. A
 * connection that ends in another way than by 1000, 1001 or 1005 destroys the stream with a
 * `ConnectionClosedError`.
 */
export function toNodeStream(socket: Socket, options: NodeStreamOptions = {}): Duplex {
  const { objectMode = false, asText = false } = options;
  const messages = socket.messages();
  let reading = false;

  async function read(stream: Duplex): Promise<void> {
    if (reading) return;
    reading = true;
    try {
      for (;;) {
        const { done, value } = await messages.next();
        if (done === true) {
          stream.push(null);
          return;
        }
        // Without objectMode an empty chunk says nothing, and a push of it would not be answered.
        if (!objectMode && value.length === 0) continue;
        if (!stream.push(value)) return;
      }
    } catch (error) {
      stream.destroy(error as Error);
    } finally {
      reading = false;
    }
  }

  const duplex: DuplexOptions = {
    objectMode,
    construct(done) {
      untilOpen(socket).then(() => done(), done);
    },
    read() {
      void read(this);
    },
    write(chunk: ReadySendData, _encoding, done) {
      let room: Promise<void> | undefined;
      try {
        room = socket.send(chunk, { asText });
      } catch (error) {
        done(error as Error);
        return;
      }
      if (room === undefined) done();
      else room.then(() => done(), done);
    },
    final(done) {
      socket.close(1000);
      socket.closed.then(() => done(), done);
    },
    destroy(error, done) {
      void messages.return();
      if (error === null) socket.close(1000);
      else socket.closeFailed("the stream was destroyed");
      done(error);
    },
  };
  return new Duplex(duplex);
}
