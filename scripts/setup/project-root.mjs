// @ts-check
// Where the project lies, whatever directory a command is started from.
import { fileURLToPath } from "node:url";

/** Absolute path of the project's root directory, with a trailing separator. */
export const projectRoot = fileURLToPath(new URL("../../", import.meta.url));
