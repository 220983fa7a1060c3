// Numbers as people say them.

const plain = new Intl.NumberFormat("en");
const ordinals = new Intl.PluralRules("en", { type: "ordinal" });
const endings: Readonly<Record<string, string>> = { one: "st", two: "nd", few: "rd" };

export function numberOf(value: number): string {
  return plain.format(value);
}

export function pointsOf(points: number): string {
  return points === 1 ? "1 point" : `${numberOf(points)} points`;
}

/** “1st”, “22nd”. */
export function ordinal(place: number): string {
  return `${numberOf(place)}${endings[ordinals.select(place)] ?? "th"}`;
}

/** “1 player”, “3 players”. */
export function playersOf(count: number): string {
  return count === 1 ? "1 player" : `${numberOf(count)} players`;
}
