/**
 * Collects the sockets that were written to outside of their own reading, and flushes them together
 * when the current turn of JavaScript is over: everything that one turn sends to a socket leaves in
 * one write.
 */
export interface Flushable {
  flush(): void;
}

let waiting: Flushable[] = [];
let scheduled = false;

/** The caller makes sure to ask once per flush. */
export function flushLater(one: Flushable): void {
  waiting.push(one);
  if (scheduled) return;
  scheduled = true;
  process.nextTick(flushAll);
}

function flushAll(): void {
  scheduled = false;
  const all = waiting;
  waiting = [];
  for (const one of all) one.flush();
}
