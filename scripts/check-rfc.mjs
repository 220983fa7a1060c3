// @ts-check
// Fails when a MUST of RFC 6455 §4 to §9 has no test. With `--index` it prints the whole index
// instead: section, the sources that cite it, its duties and the tests that prove them.
import { readFiles } from "./read-files.mjs";
import { closingDuties } from "./rfc/duties-closing.mjs";
import { dataDuties } from "./rfc/duties-data.mjs";
import { handshakeDuties } from "./rfc/duties-handshake.mjs";
import { formatIndex } from "./rfc/format-index.mjs";
import { listTitles } from "./rfc/list-titles.mjs";
import { findUnproven, matchDuties } from "./rfc/match-duties.mjs";

const duties = [...handshakeDuties, ...dataDuties, ...closingDuties];
const proofs = matchDuties(
  duties,
  await listTitles(["packages/ws-protocol", "packages/websocket"]),
);
const unproven = findUnproven(proofs);

if (process.argv.includes("--index")) {
  const sources = readFiles("packages", /^packages\/(ws-protocol|websocket)\/src\/.*\.ts$/);
  console.log(formatIndex(proofs, sources));
} else {
  for (const { duty, section } of unproven) {
    console.log(`${duty.id} (${duty.role}) has no test: ${duty.duty}`);
    const sections = [section, ...(duty.also ?? [])].map((each) => `§${each}`).join(" or ");
    console.log(`    wanted: a title with ${sections} that matches ${duty.proof}`);
  }
  const elsewhere = proofs.filter(({ duty }) => duty.notOurs).length;
  console.log(
    `${duties.length} duties, ${duties.length - unproven.length - elsewhere} proven, ` +
      `${elsewhere} not ours, ${unproven.length} without a test`,
  );
}
process.exitCode = unproven.length > 0 ? 1 : 0;
