/** Where the lab's links go: a hub of their own, so that nothing else is on them. */
export const labPath = "/lab";

/** The address of one link; its bytes are counted by what `line` says. */
export function lineUrl(base: string, line: string): string {
  return `${base}${labPath}?line=${encodeURIComponent(line)}`;
}
