// Whether somebody looks at this page: it is in sight, and what is typed goes to it.
import { type ReadonlySignal, signal } from "@preact/signals";

const looks = (): boolean => document.visibilityState === "visible" && document.hasFocus();
const is = signal(looks());
const update = (): void => {
  is.value = looks();
};
document.addEventListener("visibilitychange", update);
addEventListener("focus", update);
addEventListener("blur", update);

export const attention: ReadonlySignal<boolean> = is;
