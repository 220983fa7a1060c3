// Where the headless lab is once everything is built: beside this folder.
import { fileURLToPath } from "node:url";

export const labProgram: string = fileURLToPath(new URL("../lab/main.js", import.meta.url));
