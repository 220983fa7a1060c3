// What the client's methods throw and reject with.

/**
 * - `closed`: the client is closed; `detail` of its failure says why.
 * - `outbox-full`: too much waits for a link. Send less, or give messages a time to live.
 * - `offline`: there was no link, and the message was not to wait.
 * - `expired`: its time to live ran out before a link took it. It was not applied.
 * - `lost`: the session was lost after the message was sent: it may or may not have been applied.
 * - `too-large`: above the server's `messageBytes`. Send it as a stream.
 * - `unknown-name`: the contract has no such name, or the other side no handler for it.
 * - `invalid`: the data does not fit the contract; `data.issues` says where.
 * - `timeout`, `aborted`: of requests and waits.
 * - `busy`: more requests or streams are under way than the server takes at once.
 * - `gap`: the answer was among entries that the server had to drop.
 * - `unavailable`: the part of the client that runs streams could not be loaded. Try again.
 * - `cancelled`: the stream was cancelled by the other side.
 * - `token`: the token provider failed; told to the watchers of `error` alone.
 * - `internal`: the other side's handler threw; why is not told.
 *
 * A server's handler may answer with codes of its own.
 */
export class ClientError extends Error {
  readonly code: string;
  /** What came with the failure; with `invalid` an `InvalidData`, whichever end found it. */
  readonly data: unknown;

  constructor(code: string, message: string, options: { data?: unknown; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "ClientError";
    this.code = code;
    this.data = options.data;
  }
}

/** An abort as the caller's signal words it, or ours. */
export function abortError(signal?: AbortSignal): unknown {
  return signal?.reason ?? new ClientError("aborted", "The call was aborted.");
}
