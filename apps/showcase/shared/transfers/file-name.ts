// How the name of a file that somebody sends is brought into shape. It is shown to others and offered
// to their browsers as the name to save under; on the server's disk no file ever has it.
import { tidyName } from "../text-rules.js";

/** UTF-8 bytes: file systems take 255, and browsers add ` (1)`. */
export const nameBytesMax = 200;

const forbidden = /[<>:"/\\|?*]/gu;
// With whatever extension: Windows opens the device all the same.
const device = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\.|$)/iu;
const encoder = new TextEncoder();

/**
 * The last part of a path in one visible line that every system takes as a name: without control
 * characters and marks that change its direction, not a device of Windows, not hidden, at most
 * `nameBytesMax` long with its extension kept. `file` when nothing is left.
 */
export function tidyFileName(name: string): string {
  const last = name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
  const line = tidyName(last.replace(forbidden, "_"))
    .replace(/[. ]+$/u, "")
    .replace(/^\.+/u, "_");
  const safe = device.test(line) ? `_${line}` : line;
  return shorten(safe) || "file";
}

/** What follows the last dot, in lower case; empty when that is not an extension. */
export function extensionOf(name: string): string {
  return /[^.]\.([a-z0-9]{1,10})$/iu.exec(name)?.[1]?.toLowerCase() ?? "";
}

function shorten(name: string): string {
  if (encoder.encode(name).length <= nameBytesMax) return name;
  const extension = extensionOf(name);
  const tail = extension === "" ? "" : name.slice(-extension.length - 1);
  let left = nameBytesMax - encoder.encode(`…${tail}`).length;
  let head = "";
  for (const character of name) {
    left -= encoder.encode(character).length;
    if (left < 0) break;
    head += character;
  }
  return `${head.trimEnd()}…${tail}`;
}
