// Where something stands in a kept log: which log (epoch), and how far in it (offset).

/**
 * A place in a room's history. The first event of a log has offset 1. Another epoch means another
 * log: the former one was lost, and nothing can be said about what it held.
 */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/**
 * What was asked of a history.
 * @throws {TypeError | RangeError} for a `since` that is no position, a `max` that is no count.
 */
export function checkRange(since: Position | undefined, max: number): void {
  const { epoch, offset } = since ?? {};
  const isPosition = typeof epoch === "string" && Number.isSafeInteger(offset);
  if (since !== undefined && !isPosition) {
    throw new TypeError(
      "since is no position { epoch, offset }: leave it out to have the newest events.",
    );
  }
  if (!(max >= 0)) throw new RangeError(`max is ${max}: give a number of events.`);
}

/** How much of a log is kept; whatever is reached first drops the oldest. */
export interface Retention {
  readonly entries: number;
  readonly bytes: number;
  readonly ageMs: number;
}

/** A part of a log. */
export interface Page<Item> {
  /** In order, without a gap between them. */
  readonly items: readonly { readonly offset: number; readonly item: Item }[];
  /** The end of the log when it was read: what comes next has a higher offset. */
  readonly position: Position;
  /**
   * Whether the items are everything after the position that was asked for, up to the end: false when
   * older ones were dropped, when the epoch is another, or when there were more than asked for.
   */
  readonly complete: boolean;
}
