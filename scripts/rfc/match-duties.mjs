// @ts-check
// Finds the tests that prove each duty. Pure: titles come in as text.

/** @typedef {import("./duties-handshake.mjs").Duty} Duty */
/** @typedef {{ file: string, title: string }} TestTitle */
/** @typedef {{ duty: Duty, section: string, tests: TestTitle[] }} DutyProof */

/**
 * @param {Duty[]} duties
 * @param {TestTitle[]} titles
 * @returns {DutyProof[]}
 */
export function matchDuties(duties, titles) {
  const cited = titles.map((title) => ({ title, sections: citedSections(title.title) }));
  return duties.map((duty) => {
    const section = duty.id.slice(0, duty.id.lastIndexOf("-"));
    const wanted = [section, ...(duty.also ?? [])];
    const tests = cited
      .filter(({ sections }) => sections.some((a) => wanted.some((b) => areRelated(a, b))))
      .map(({ title }) => title)
      .filter(({ title }) => duty.proof?.test(title));
    return { duty, section, tests };
  });
}

/**
 * Duties that somebody must keep and no test proves.
 *
 * @param {DutyProof[]} proofs
 */
export function findUnproven(proofs) {
  return proofs.filter(({ duty, tests }) => !duty.notOurs && tests.length === 0);
}

/**
 * The sections that a title or comment cites as `§5.5.1`. They are of RFC 6455 unless another RFC
 * is named right before, as in `RFC 7692 §7.1`, which gives `7692:7.1`.
 *
 * @param {string} text
 */
export function citedSections(text) {
  const found = text.matchAll(/(?:RFC (\d+) )?§(\d+(?:\.\d+)*)/g);
  return [...found].map(([, rfc, section]) => {
    return rfc === undefined || rfc === "6455" ? `${section}` : `${rfc}:${section}`;
  });
}

/**
 * Whether one section contains the other.
 *
 * @param {string} a
 * @param {string} b
 */
function areRelated(a, b) {
  return a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
}
