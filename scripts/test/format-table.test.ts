import { expect, it } from "vitest";
import { formatTable, replaceTable } from "../layers/format-table.mjs";
import { layers } from "../layers/table.mjs";

it("every layer has a row", () => {
  const table = formatTable(layers);
  for (const { folder } of layers) expect(table).toContain(`| \`${folder}\` |`);
});

it("the table goes between its markers, and a second time changes nothing", () => {
  const open = "<!-- layers: written by scripts/check-layers.mjs --write -->";
  const document = `before\n${open}\nold\n<!-- /layers -->\nafter\n`;
  const once = replaceTable(document, "| new |");
  expect(once).toBe(`before\n${open}\n\n| new |\n\n<!-- /layers -->\nafter\n`);
  expect(replaceTable(once ?? "", "| new |")).toBe(once);
});

it("a document without markers is not touched", () => {
  expect(replaceTable("nothing here", "| new |")).toBeUndefined();
});
