// How names, room names and messages are brought into shape. Both ends use the same rules: the
// page to show at once what will be sent, the server because it trusts no page.

// Marks that turn the direction of everything after them, and characters without any width: with
// them one name can be made to look like another. U+200D (joiner) stays: emoji are made of it.
const deceptive =
  /[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
const control = /\p{Cc}/gu;
const loneSurrogate = /\p{Surrogate}/gu;
const nothingVisible = /^[\s\p{C}\p{M}]*$/u;

/** A person's name in one line, without invisible characters; empty when nothing is left. */
export function tidyName(name: string): string {
  const line = name
    .replace(loneSurrogate, "\ufffd")
    .replace(control, " ")
    .replace(deceptive, "")
    .normalize("NFC")
    .replace(/\s+/gu, " ")
    .trim();
  return nothingVisible.test(line) ? "" : line;
}

/**
 * A room's name: as a person's, in lower case and without the `#` that people put before it, nor the
 * `@` that private conversations begin with.
 */
export function tidyRoomName(name: string): string {
  return tidyName(tidyName(name).replace(/^[#@\s]+/u, "")).toLowerCase();
}

/**
 * A message with `\n` as its only kind of line break, no other control characters but tabs, and
 * nothing blank around it; empty when nothing is left.
 */
export function tidyText(text: string): string {
  const tidy = text
    .replace(/\r\n?/gu, "\n")
    .replace(loneSurrogate, "\ufffd")
    .replace(/[^\P{Cc}\n\t]/gu, "")
    .replace(/^(?:[^\S\n]*\n)+/u, "")
    .trimEnd();
  return nothingVisible.test(tidy) ? "" : tidy;
}
