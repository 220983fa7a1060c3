// @ts-check
// The table of layers as ARCHITECTURE.md shows it.

const OPEN = "<!-- layers: written by scripts/check-layers.mjs --write -->";
const CLOSE = "<!-- /layers -->";

/** @param {import("./table.mjs").Layer[]} layers */
export function formatTable(layers) {
  const rows = layers.map(({ folder, is, imports, files, parts, pure }) => {
    const own = formatNames(imports) || "nothing";
    const more = Object.entries(files ?? {}).map(([file, names]) => {
      return `only \`${file}\`: ${formatNames(names)}`;
    });
    const inside = parts ? [`inside: ${formatParts(parts)}`] : [];
    const ban = pure ? ["no clock, dice or timers"] : [];
    const cell = [own, ...more, ...ban, ...inside].join("; ");
    return `| \`${folder}\` | ${is} | ${cell} |`;
  });
  return ["| folder | is | may import |", "| --- | --- | --- |", ...rows].join("\n");
}

/**
 * Puts the table between its markers.
 *
 * @param {string} document
 * @param {string} table
 * @returns {string | undefined} undefined when the markers are missing
 */
export function replaceTable(document, table) {
  const start = document.indexOf(OPEN);
  const end = document.indexOf(CLOSE);
  if (start < 0 || end < start) return undefined;
  return `${document.slice(0, start)}${OPEN}\n\n${table}\n\n${document.slice(end)}`;
}

/** @param {string[]} names */
function formatNames(names) {
  const words = names.map((name) => {
    if (name === "*") return "anything, as a user would";
    if (name === "peers") return "its peer dependencies";
    return `\`${name}\``;
  });
  return words.join(", ");
}

/** @param {Record<string, string[]>} parts */
function formatParts(parts) {
  return Object.entries(parts)
    .filter(([name]) => !name.endsWith(".ts"))
    .map(([name, known]) => {
      const folders = known.filter((each) => !each.endsWith(".ts") || each.includes("/"));
      return folders.length > 0
        ? `\`${name}\` knows ${formatNames(folders)}`
        : `\`${name}\` stands alone`;
    })
    .join(", ");
}
