// @ts-check
// When a run must end early: somebody asked for it, or it takes longer than anything sane.

/**
 * An abort signal that fires on Ctrl-C, on a request to terminate, and after the time limit. It
 * keeps no process alive. `release` undoes it.
 *
 * @param {number} limitMs
 * @returns {{ signal: AbortSignal, release: () => void }}
 */
export function stopSignal(limitMs) {
  const controller = new AbortController();
  /** @param {string} reason */
  const stop = (reason) => {
    if (controller.signal.aborted) return;
    console.error(`\nStopping the run: ${reason}.`);
    controller.abort();
  };
  const timer = setTimeout(
    () => stop(`it took longer than ${limitMs / 60_000} minutes; the check named last hangs`),
    limitMs,
  );
  timer.unref();
  const names = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
  const listeners = names.map((name) => () => stop(`got ${name}`));
  names.forEach((name, i) => {
    process.on(name, /** @type {() => void} */ (listeners[i]));
  });
  const release = () => {
    clearTimeout(timer);
    names.forEach((name, i) => {
      process.off(name, /** @type {() => void} */ (listeners[i]));
    });
  };
  return { signal: controller.signal, release };
}
