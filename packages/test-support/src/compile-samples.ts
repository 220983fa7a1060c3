// Compiles the samples of READMEs as they stand, so that these cannot show what is not there.

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Where the sources of the packages are that a README imports. */
const paths: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries({
    "@tidewire/ws-protocol": "ws-protocol/src/index.ts",
    "@tidewire/websocket": "websocket/src/index.ts",
    "@tidewire/session-protocol": "session-protocol/src/index.ts",
    "@tidewire/hub": "hub/src/index.ts",
    "@tidewire/hub/node": "hub/src/node.ts",
    "@tidewire/hub/testing": "hub/src/testing.ts",
    "@tidewire/client": "client/src/index.ts",
    "@tidewire/client/node": "client/src/node.ts",
    "@tidewire/client/shared": "client/src/shared.ts",
    "@tidewire/client/react": "client/src/react.ts",
  }).map(([name, source]) => [name, [join(root, "packages", source)]]),
);

const config = {
  extends: join(root, "tsconfig.base.json"),
  compilerOptions: {
    noEmit: true,
    composite: false,
    incremental: false,
    emitDeclarationOnly: false,
    isolatedDeclarations: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    skipLibCheck: true,
    jsx: "react-jsx",
    lib: ["ES2023", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
    customConditions: [],
    paths,
  },
  include: ["*.ts", "*.tsx"],
};

/** For the time limit of a test that compiles: seconds, and more where much else runs beside it. */
export const COMPILE_MS = 120_000;

/** A sample of a README in TypeScript. */
export interface Sample {
  readonly language: string;
  readonly text: string;
}

/** The samples of a README, in their order. */
export function samplesOf(readme: URL): Sample[] {
  const fences = readFileSync(readme, "utf8").matchAll(/^```(tsx?)\n(.*?)^```$/gms);
  return [...fences].map(([, language, text]) => ({ language: language!, text: text! }));
}

/**
 * What the compiler says of samples, each a module of its own; "" for nothing.
 *
 * @param files beside the samples, by name: what they leave to the reader. Globals are declared in one.
 */
export async function compileSamples(
  samples: readonly Sample[],
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "readme-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "node_modules"));
  for (const name of ["@types", "react", "zod"]) {
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  for (const [index, { language, text }] of samples.entries()) {
    writeFileSync(join(folder, `sample-${index + 1}.${language}`), `${text}\nexport {};\n`);
  }
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const run = promisify(execFile)(process.execPath, [tsc, "-p", folder]);
  return run.then(
    () => "",
    ({ stdout }: { stdout: string }) => stdout,
  );
}
