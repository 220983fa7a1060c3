// The second chunk of the client: loaded once, by whoever needs it first.

import { ClientError } from "./client-error.js";

export type Later = typeof import("./later.js");

let loaded: Later | undefined;
let loading: Promise<Later> | undefined;

/** The chunk, when it is here already: who has it need not wait a turn. */
export function later(): Later | undefined {
  return loaded;
}

/** Rejects with `unavailable`; the next call tries again. */
export function loadLater(): Promise<Later> {
  loading ??= import("./later.js").then(
    (module) => {
      loaded = module;
      return module;
    },
    (cause) => {
      loading = undefined;
      throw new ClientError("unavailable", "A part of the client could not be loaded.", { cause });
    },
  );
  return loading;
}
