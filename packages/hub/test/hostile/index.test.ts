// SECURITY-CASES.md names files and titles: each must be there.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const packages = new URL("../../../", import.meta.url);
const index = readFileSync(new URL("hub/test/SECURITY-CASES.md", packages), "utf8");
const proofs = [...index.matchAll(/`([\w/.-]+\.test\.ts)`: “([^”]+)”/g)];

test("every proof of the index exists, and every case has one or says why not", () => {
  expect(proofs.length).toBeGreaterThan(60);
  const missing = proofs.filter(([, file, title]) => {
    // In the sources a title may be quoted in three ways.
    const source = readFileSync(new URL(file!, packages), "utf8").replaceAll("\\`", "`");
    return !source.includes(title!);
  });
  expect(missing.map(([text]) => text)).toEqual([]);
  const cases = [...index.matchAll(/^\| ([DEF]\d+) \|/gm)].map(([, name]) => name);
  const expected = [
    ["D", 6],
    ["E", 13],
    ["F", 14],
  ] as const;
  expect(cases).toEqual(
    expected.flatMap(([letter, count]) =>
      Array.from({ length: count }, (_, at) => `${letter}${at + 1}`),
    ),
  );
});
