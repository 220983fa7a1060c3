import { describe, expect, it } from "vitest";
import { closingDuties } from "../rfc/duties-closing.mjs";
import { dataDuties } from "../rfc/duties-data.mjs";
import { handshakeDuties } from "../rfc/duties-handshake.mjs";
import { findCitations, formatIndex } from "../rfc/format-index.mjs";
import { citedSections, findUnproven, matchDuties } from "../rfc/match-duties.mjs";

const duties = [...handshakeDuties, ...dataDuties, ...closingDuties];
const file = "packages/ws-protocol/test/a.test.ts";

describe("matching titles to duties", () => {
  const [duty] = duties.filter(({ id }) => id === "5.5-1");
  const prove = (title: string) => matchDuties(duty ? [duty] : [], [{ file, title }])[0]?.tests;

  it("a title with the section and the wanted words is a proof", () => {
    expect(prove("server > §5.5 a control frame longer than 125 bytes fails")).toHaveLength(1);
  });

  it.each(["§5.5.2 a ping of 126 bytes fails", "§5 a frame of 125 bytes"])(
    "a section below or above will do: %s",
    (title) => expect(prove(title)).toHaveLength(1),
  );

  it.each([
    "§5.6 a frame of 125 bytes",
    "§55 a frame of 125 bytes",
    "RFC 7692 §5.5 a frame of 125 bytes",
    "a frame of 125 bytes",
    "§5.5 a frame is a frame",
  ])("another section, another RFC, no section or other words will not: %s", (title) => {
    expect(prove(title)).toEqual([]);
  });

  it("sections named as `also` will do, of other RFCs too", () => {
    const [other] = duties.filter(({ also }) => also?.includes("7692:7.1"));
    const titles = [{ file, title: "RFC 7692 §7.1.2 a parameter out of range fails" }];
    expect(matchDuties(other ? [other] : [], titles)[0]?.tests).toHaveLength(1);
  });

  it("a duty without a test is unproven, one that is not ours is not", () => {
    const unproven = findUnproven(matchDuties(duties, []));
    expect(unproven).toHaveLength(duties.filter(({ notOurs }) => !notOurs).length);
  });

  it("several sections in one title all count", () => {
    expect(citedSections("§5.4, RFC 6455 §5.5.1 and RFC 7692 §7.2")).toEqual([
      "5.4",
      "5.5.1",
      "7692:7.2",
    ]);
  });
});

describe("the list of duties", () => {
  it("has every id once, in a section of §4 to §9", () => {
    const ids = duties.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[4-9](\.\d+)*-\d+$/);
  });

  it("says for each duty either how to prove it or why it is not ours", () => {
    for (const { proof, notOurs } of duties) expect(Boolean(proof)).toBe(!notOurs);
  });
});

describe("the index", () => {
  it("finds citations in sources, with their lines", () => {
    const sources = new Map([["a.ts", "// RFC 6455 §5.4: order\n// §5.5 of something else\n"]]);
    expect(findCitations(sources)).toEqual(new Map([["5.4", ["a.ts:1"]]]));
  });

  it("shows sources, tests, and what is missing, in the order of the sections", () => {
    const titles = [{ file, title: "§9.1 parameters in several lines" }];
    const index = formatIndex(matchDuties(duties, titles), new Map());
    expect(index).toContain(`  - §9.1 parameters in several lines (${file})`);
    expect(index).toContain("NO TEST");
    expect(index.indexOf("§5.2\n")).toBeLessThan(index.indexOf("§9.1\n"));
  });
});
