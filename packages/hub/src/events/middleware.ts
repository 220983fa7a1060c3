// Middleware as an onion: each layer runs what is inside of it with `next`, or does not.

import type { Maybe } from "../contract/checker.js";

/** Runs around what is inside. Throw to refuse; leave `next` uncalled to swallow. */
export type Middleware<Context> = (context: Context, next: () => Promise<void>) => Maybe<unknown>;

/**
 * Runs the layers from the first to the last around `core`. Without layers `core` is called as it is,
 * and stays synchronous when it is.
 * @throws {Error} when a layer calls `next` twice.
 */
export function runOnion<Context>(
  layers: readonly Middleware<Context>[],
  context: Context,
  core: () => Maybe<void>,
): Maybe<void> {
  if (layers.length === 0) return core();
  let reached = -1;
  const enter = async (index: number): Promise<void> => {
    if (index <= reached) throw new Error("A middleware called next() twice.");
    reached = index;
    const layer = layers[index];
    if (layer === undefined) await core();
    else await layer(context, () => enter(index + 1));
  };
  return enter(0);
}

/** `then` for a value that may be there already. */
export function after<Value, Next>(
  value: Maybe<Value>,
  then: (value: Value) => Maybe<Next>,
): Maybe<Next> {
  return value instanceof Promise ? value.then(then) : then(value);
}
