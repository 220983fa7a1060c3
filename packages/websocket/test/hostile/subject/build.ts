/** Makes one program of the process under attack and of the sources that it runs on. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { afterAll } from "vitest";

const packages = fileURLToPath(new URL("../../../../", import.meta.url));
const entry = fileURLToPath(new URL("./main.ts", import.meta.url));

let built: Promise<string> | undefined;

/** The path of a program to run; one that the environment names takes the place of ours. */
export function subjectProgram(): Promise<string> {
  const { TIDEWIRE_SUBJECT } = process.env;
  if (TIDEWIRE_SUBJECT !== undefined) return Promise.resolve(TIDEWIRE_SUBJECT);
  built ??= bundle();
  return built;
}

/** Call it in each file of tests: what was built is removed behind them. */
export function removeSubjectAfterAll(): void {
  afterAll(async () => {
    const file = await built;
    if (file !== undefined) rmSync(join(file, ".."), { recursive: true });
    built = undefined;
  });
}

async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "error",
    resolve: {
      alias: [{ find: /^@tidewire\/([a-z-]+)$/, replacement: `${packages}$1/src/index.ts` }],
    },
    build: { ssr: entry, write: false, minify: false, target: "node20" },
    ssr: { noExternal: true },
  });
  if (!("output" in result)) throw new Error("the process under attack could not be built");
  const folder = mkdtempSync(join(tmpdir(), "subject-"));
  const file = join(folder, "subject.mjs");
  writeFileSync(file, result.output[0].code);
  return file;
}
