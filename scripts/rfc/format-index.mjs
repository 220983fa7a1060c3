// @ts-check
// The index of RFC 6455 as Markdown: section, where the sources cite it, duties and their tests.
import { citedSections } from "./match-duties.mjs";

/**
 * @param {import("./match-duties.mjs").DutyProof[]} proofs
 * @param {Map<string, string>} sources path to text
 */
export function formatIndex(proofs, sources) {
  const citations = findCitations(sources);
  const sections = [...new Set([...proofs.map(({ section }) => section), ...citations.keys()])];
  sections.sort(compareSections);
  return sections
    .map((section) => {
      const places = citations.get(section) ?? [];
      const duties = proofs.filter((proof) => proof.section === section);
      return [
        `## RFC 6455 §${section}`,
        "",
        `Sources: ${places.length > 0 ? places.join(", ") : "none"}`,
        "",
        ...duties.map(formatDuty),
        "",
      ].join("\n");
    })
    .join("\n");
}

/** @param {import("./match-duties.mjs").DutyProof} proof */
function formatDuty({ duty, tests }) {
  const head = `- **${duty.id}** (${duty.role}) ${duty.duty}`;
  if (duty.notOurs) return `${head}. Not ours: ${duty.notOurs}.`;
  if (tests.length === 0) return `${head}\n  - NO TEST`;
  return [head, ...tests.map(({ file, title }) => `  - ${title} (${file})`)].join("\n");
}

/**
 * @param {Map<string, string>} sources
 * @returns {Map<string, string[]>} section to `path:line`
 */
export function findCitations(sources) {
  /** @type {Map<string, string[]>} */
  const found = new Map();
  for (const [path, text] of sources) {
    text.split("\n").forEach((line, i) => {
      // In sources a bare § may be of any document, so the RFC must be named.
      if (!line.includes("RFC 6455 §")) return;
      for (const section of citedSections(line)) {
        found.set(section, [...(found.get(section) ?? []), `${path}:${i + 1}`]);
      }
    });
  }
  return found;
}

/**
 * @param {string} a
 * @param {string} b
 */
function compareSections(a, b) {
  return a.localeCompare(b, "en", { numeric: true });
}
