/** Text of a head and back: HTTP's bytes are the code units 0x00–0xFF, one for one. */

/** The text of `bytes[start..end)`, one code unit for each byte. */
export type DecodeLatin1 = (bytes: Uint8Array, start: number, end: number) => string;

/** Code units per call: arguments live on the stack, which is finite. */
const CODES_PER_CALL = 4096;

/** The bytes of `text`, whose code units are all below 0x100: the callers have checked. */
export function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

export function latin1Text(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= CODES_PER_CALL) return decode(bytes.subarray(start, end));
  let text = "";
  for (let from = start; from < end; from += CODES_PER_CALL) {
    text += decode(bytes.subarray(from, Math.min(end, from + CODES_PER_CALL)));
  }
  return text;
}

function decode(bytes: Uint8Array): string {
  // `apply` takes any array-like object; its type asks for an array.
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}
