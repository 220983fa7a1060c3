// The pages there are: a line per page. Each is loaded when it is first looked at.
import { chatEntry } from "./chat/entry.js";
import { filesEntry } from "./files/entry.js";
import { labEntry } from "./lab/entry.js";
import { operationsEntry } from "./operations/entry.js";
import type { PageEntry } from "./page.js";
import { quizEntry } from "./quiz/entry.js";
import { startEntry } from "./start/entry.js";
import { wireEntry } from "./wire/entry.js";

/** In the order of the navigation; the first is shown when the address names none. */
export const pages: readonly PageEntry[] = [
  startEntry,
  chatEntry,
  quizEntry,
  filesEntry,
  labEntry,
  wireEntry,
  operationsEntry,
];
