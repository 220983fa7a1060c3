/** `Connection` and `Upgrade`: comma-separated lists of which only one element matters here. */
import { equalsIgnoringCase, skipBlanks, skipToken } from "./characters.js";

const COMMA = 0x2c;
const SLASH = 0x2f;

/**
 * Whether a list, which may be spread over several lines, has the element `lower` in any case.
 * One pass over the text. Elements are tokens, with a version after a slash as `Upgrade` allows
 * (RFC 9110 §7.8); empty elements are skipped (RFC 9110 §5.6.1.2).
 */
export function searchTokenList(
  values: readonly string[],
  lower: string,
): "found" | "absent" | "invalid" {
  let found = false;
  for (const value of values) {
    if (equalsIgnoringCase(value, 0, value.length, lower)) {
      found = true; // the usual case, in one comparison
      continue;
    }
    let position = 0;
    while (position < value.length) {
      position = skipBlanks(value, position);
      const start = position;
      position = skipToken(value, position);
      const end = position;
      if (end > start && value.charCodeAt(position) === SLASH) {
        position = skipToken(value, position + 1);
        if (position === end + 1) return "invalid";
      } else if (equalsIgnoringCase(value, start, end, lower)) found = true;
      position = skipBlanks(value, position);
      if (position < value.length && value.charCodeAt(position) !== COMMA) return "invalid";
      position++;
    }
  }
  return found ? "found" : "absent";
}
