// @ts-check
// Which duties of RFC 6455 the tests prove, and what to say of those that they do not. Pure: titles
// come in as text.
import { closingDuties } from "./duties-closing.mjs";
import { dataDuties } from "./duties-data.mjs";
import { handshakeDuties } from "./duties-handshake.mjs";
import { findUnproven, matchDuties } from "./match-duties.mjs";

/** Where the tests that may prove a duty lie, relative to the project root. */
export const provingFolders = ["packages/ws-protocol", "packages/websocket"];

const duties = [...handshakeDuties, ...dataDuties, ...closingDuties];

/**
 * @param {import("./match-duties.mjs").TestTitle[]} titles
 * @returns {{ proofs: import("./match-duties.mjs").DutyProof[], unproven: number, text: string }}
 */
export function judgeDuties(titles) {
  const proofs = matchDuties(duties, titles);
  const unproven = findUnproven(proofs);
  const lines = unproven.flatMap(({ duty, section }) => {
    const sections = [section, ...(duty.also ?? [])].map((each) => `§${each}`).join(" or ");
    return [
      `${duty.id} (${duty.role}) has no test: ${duty.duty}`,
      `    wanted: a title with ${sections} that matches ${duty.proof}`,
    ];
  });
  const elsewhere = proofs.filter(({ duty }) => duty.notOurs).length;
  const summary =
    `${duties.length} duties, ${duties.length - unproven.length - elsewhere} proven, ` +
    `${elsewhere} not ours, ${unproven.length} without a test`;
  return { proofs, unproven: unproven.length, text: [...lines, summary].join("\n") };
}
