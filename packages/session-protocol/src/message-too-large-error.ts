/** Thrown by `send` for an entry above `limits.messageBytes`: the other side would end the session. */
export class MessageTooLargeError extends RangeError {
  readonly size: number;
  readonly limit: number;

  constructor(size: number, limit: number) {
    super(`The message is ${size} bytes, above messageBytes (${limit}). Send it as a stream.`);
    this.name = "MessageTooLargeError";
    this.size = size;
    this.limit = limit;
  }
}
