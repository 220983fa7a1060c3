// @ts-check
// Fails when a MUST of RFC 6455 §4 to §9 has no test. With `--index` it prints the whole index
// instead: section, the sources that cite it, its duties and the tests that prove them.
import { readFiles } from "./read-files.mjs";
import { formatIndex } from "./rfc/format-index.mjs";
import { judgeDuties, provingFolders } from "./rfc/judge-duties.mjs";
import { listTitles } from "./rfc/list-titles.mjs";

const { proofs, unproven, text } = judgeDuties(await listTitles(provingFolders));

if (process.argv.includes("--index")) {
  const sources = readFiles("packages", /^packages\/(ws-protocol|websocket)\/src\/.*\.ts$/);
  console.log(formatIndex(proofs, sources));
} else {
  console.log(text);
}
process.exitCode = unproven > 0 ? 1 : 0;
