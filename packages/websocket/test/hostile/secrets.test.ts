/**
 * Security case C13: secrets are compared in constant time. This package keeps none: the accept value
 * of the handshake is public, and who may connect is for `authenticate` to say. So the check is that
 * it stays that way.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const SECRET = "\\w*(?:secret|passw(?:or)?d|passphrase|token|signature|hmac|digest|credential)\\w*";
const COMPARED = new RegExp(
  `(?:\\b${SECRET}(?:\\(.*?\\))?\\s*[!=]==?\\s*(?![\\s=]|undefined|null|"|'|\\d))|(?:[!=]==?\\s*${SECRET}\\b)|(?:${SECRET}\\.(?:equals|localeCompare|startsWith)\\()`,
  "i",
);

it.each([
  "if (password === given.password) return true;",
  "return expected !== token;",
  "return signature.equals(other);",
])("C13 CVE-2021-33880: the check sees %j", (line) => {
  expect(COMPARED.test(line)).toBe(true);
});

it("C13 CVE-2021-33880: no secret is compared with ===", () => {
  for (const name of ["websocket", "ws-protocol"]) {
    const root = fileURLToPath(new URL(`../../../${name}/src/`, import.meta.url));
    const files = readdirSync(root, { recursive: true })
      .map(String)
      .filter((file) => file.endsWith(".ts"));
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) {
      const lines = readFileSync(root + file, "utf8").split("\n");
      expect(
        lines.filter((line) => COMPARED.test(line)),
        `${name}/src/${file}`,
      ).toEqual([]);
    }
  }
});
