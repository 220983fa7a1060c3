// What the server takes, as it tells the page: the page refuses at once what would be refused anyway.
// The values, with their reasons, are in server/transfers/limits.ts.
import { formatExcess } from "./format.js";

export interface TransferLimits {
  readonly fileBytesMax: number;
  /** Of one visitor at once, and their bytes. */
  readonly visitorFilesMax: number;
  readonly visitorBytesMax: number;
  /** How long a complete file is kept, in milliseconds. */
  readonly keepMs: number;
}

/** Why a file of that size is not taken; undefined when it is. */
export function findSizeProblem(
  { name, size }: { readonly name: string; readonly size: number },
  { fileBytesMax }: Pick<TransferLimits, "fileBytesMax">,
): string | undefined {
  if (size <= fileBytesMax) return undefined;
  const [actual, limit] = formatExcess(size, fileBytesMax);
  return `“${name}” has ${actual}; the limit per file is ${limit}.`;
}
