/** What the methods of a socket that wait are rejected with. */

/** The connection is closed, so what was asked of it cannot be done. */
export class ConnectionClosedError extends Error {
  override readonly name = "ConnectionClosedError";
  readonly code: number;
  readonly reason: string;

  constructor(code: number, reason: string, cause?: unknown) {
    super(
      `the connection is closed (${code}${reason === "" ? "" : `: ${reason}`})`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    this.reason = reason;
  }
}

/** The peer does not read fast enough: more than `sendQueueBytesMax` waits to be sent. */
export class SendQueueFullError extends Error {
  override readonly name = "SendQueueFullError";

  constructor(queuedBytes: number, sendQueueBytesMax: number) {
    super(
      `the send queue is full: ${queuedBytes} bytes wait, sendQueueBytesMax is ${sendQueueBytesMax}; ` +
        "await send(), or raise the bound",
    );
  }
}
