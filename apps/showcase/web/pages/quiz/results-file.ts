// The scoreboard as a table for spreadsheets (RFC 4180).
import type { Row } from "../../../shared/quiz/contract.js";

export function writeResults(rows: readonly Row[]): string {
  const lines = rows.map(({ place, nickname, score }) => `${place},${cell(nickname)},${score}`);
  // The mark tells spreadsheets that it is UTF-8.
  return `\ufeffPlace,Nickname,Points\r\n${lines.join("\r\n")}\r\n`;
}

/** A nickname that a spreadsheet would take for a formula gets an apostrophe before it. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${plain.replaceAll('"', '""')}"`;
}
