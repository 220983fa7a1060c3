// What is remembered. The name is known to every tab of the browser, to be offered in the next one;
// the name that was entered with and the rooms, only to the tab. Browsers may refuse to store
// anything; then nothing is remembered, and all else works.
import * as v from "valibot";

const nameKey = "tidewire.name";
const tabKey = "tidewire.chat";

const tabSchema = v.object({ name: v.string(), rooms: v.array(v.string()) });

export type TabMemory = v.InferOutput<typeof tabSchema>;

/** The name that was used last in this browser. */
export function recallName(): string {
  return attempt(() => localStorage.getItem(nameKey)) ?? "";
}

/** What this tab knew before it was reloaded. */
export function recallTab(): TabMemory | undefined {
  const read = v.safeParse(
    tabSchema,
    attempt(() => JSON.parse(sessionStorage.getItem(tabKey) ?? "null")),
  );
  return read.success ? read.output : undefined;
}

export function rememberTab(memory: TabMemory): void {
  attempt(() => {
    localStorage.setItem(nameKey, memory.name);
    sessionStorage.setItem(tabKey, JSON.stringify(memory));
  });
}

function attempt<Value>(action: () => Value): Value | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
