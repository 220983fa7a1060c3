/** A title as the name of a file, without what systems do not take. */
export function fileName(title: string, extension: string): string {
  const name = title
    .normalize("NFC")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/gu, "")
    .toLowerCase();
  return `${name.slice(0, 60) || "quiz"}.${extension}`;
}
