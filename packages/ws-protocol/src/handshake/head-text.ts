/** The text of a head that we send. Nothing gets into it that could end a line early. */
import { FIELD_VALUE, findOutside, isToken } from "./characters.js";
import type { HeaderLine } from "./header-lines.js";

/**
 * A start line, the header lines and the empty line.
 *
 * @throws {TypeError} when a name is not a token, or a value holds a control character or one beyond
 * U+00FF (RFC 9110 §5.5): a CR, LF or NUL would let its author write headers of his own.
 */
export function createHead(startLine: string, headers: Iterable<HeaderLine>): string {
  let head = `${startLine}\r\n`;
  for (const [name, value] of headers) {
    assertHeader(name, value);
    head += `${name}: ${value}\r\n`;
  }
  return `${head}\r\n`;
}

/** @throws {TypeError} as `createHead` does. */
export function assertHeader(name: string, value: string): void {
  if (!isToken(name)) {
    throw new TypeError(
      `${JSON.stringify(name)} is not a header name: it must be a token (letters, digits, hyphens)`,
    );
  }
  const position = findOutside(value, FIELD_VALUE);
  if (position !== -1) {
    throw new TypeError(
      `The ${name} header has ${nameCharacter(value, position)} at position ${position}: header values hold visible latin1 characters, spaces and tabs`,
    );
  }
}

/** How an error names a character that cannot be shown. */
export function nameCharacter(text: string, position: number): string {
  return `U+${text.charCodeAt(position).toString(16).toUpperCase().padStart(4, "0")}`;
}
