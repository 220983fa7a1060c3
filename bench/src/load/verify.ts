// Nothing is measured before the server's answers have been compared, byte for byte, with what they
// must say: a server that answers the wrong thing can be as fast as it likes.

import type { Connection } from "./connection.js";
import { Opcode } from "./frame.js";
import { FrameReader } from "./frame-reader.js";
import { AnswerReader, type Requests } from "./requests.js";

const ANSWER_MS = 20_000;

/**
 * Sends the first requests one by one and checks their answers on every receiver.
 *
 * @throws {Error} when an answer differs or does not come.
 */
export async function verify(
  sender: Connection,
  receivers: readonly Connection[],
  requests: Requests,
  context: boolean,
): Promise<void> {
  const expectations = receivers.map(
    (receiver) => new Expectation(receiver, requests.expected, context),
  );
  for (const [index, request] of requests.first.entries()) {
    const answered = Promise.all(expectations.map((expectation) => expectation.reach(index + 1)));
    sender.socket.write(request);
    await answered;
  }
}

class Expectation {
  readonly #expected: readonly Buffer[];
  readonly #answers: AnswerReader;
  #count = 0;
  #parts: Buffer[] = [];
  #first = 0;
  #wanted = 0;
  #resolve: () => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(receiver: Connection, expected: readonly Buffer[], context: boolean) {
    this.#expected = expected;
    this.#answers = new AnswerReader(context);
    const reader = new FrameReader((first, bytes, start, end) => {
      try {
        this.#frame(first, bytes.subarray(start, end));
      } catch (error) {
        this.#reject(error as Error);
      }
    });
    receiver.onBytes = (bytes) => reader.receive(bytes);
  }

  reach(count: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`Answer ${count} did not come; ${this.#count} did.`)),
        ANSWER_MS,
      );
      this.#wanted = count;
      this.#resolve = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#reject = (error) => {
        clearTimeout(timer);
        reject(error);
      };
    });
  }

  #frame(first: number, payload: Buffer): void {
    if ((first & 0x0f) === Opcode.close && payload.length >= 2) {
      throw new Error(`The server closed with ${payload.readUInt16BE(0)} instead of an answer.`);
    }
    if ((first & 0x0f) > 2) throw new Error(`An unexpected frame, 0x${first.toString(16)}.`);
    if (this.#parts.length === 0) this.#first = first;
    this.#parts.push(Buffer.from(payload));
    if ((first & 0x80) === 0) return;
    const answer = this.#answers.read(this.#first, Buffer.concat(this.#parts));
    this.#parts = [];
    const expected = this.#expected[this.#count]!;
    if (!answer.equals(expected)) throw new Error(`Answer ${this.#count + 1} is not the message.`);
    this.#count += 1;
    if (this.#count === this.#wanted) this.#resolve();
  }
}
