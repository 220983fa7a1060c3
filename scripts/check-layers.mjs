// @ts-check
// Fails when a source imports what its layer may not know, when a protocol package reaches for
// the clock or the dice, or when ARCHITECTURE.md shows another table than the one enforced here.
// With `--write` it renews that table instead.
import { readFileSync, writeFileSync } from "node:fs";
import { findViolations } from "./layers/find-violations.mjs";
import { formatTable, replaceTable } from "./layers/format-table.mjs";
import { layers } from "./layers/table.mjs";
import { readFiles } from "./read-files.mjs";
import { listWorkspaces } from "./setup/list-workspaces.mjs";
import { projectRoot } from "./setup/project-root.mjs";

const sources = new Map([
  ...readFiles("packages", /^packages\/[^/]+\/src\/.*\.tsx?$/),
  ...readFiles("apps", /^apps\/[^/]+\/(?!test\/).*\.tsx?$/),
]);
const manifests = new Map(listWorkspaces().map(({ folder, manifest }) => [folder, manifest]));
const violations = findViolations(layers, sources, manifests);
for (const { path, line, message } of violations) console.log(`${path}:${line} ${message}`);

const document = `${projectRoot}ARCHITECTURE.md`;
const before = readFileSync(document, "utf8");
const after = replaceTable(before, formatTable(layers));
let isCurrent = after === before;
if (!isCurrent && after !== undefined && process.argv.includes("--write")) {
  writeFileSync(document, after);
  isCurrent = true;
}
if (!isCurrent) {
  console.log(
    "ARCHITECTURE.md: its layer table is not current: node scripts/check-layers.mjs --write",
  );
}

console.log(`${sources.size} sources, ${violations.length} violations`);
process.exitCode = violations.length > 0 || !isCurrent ? 1 : 0;
