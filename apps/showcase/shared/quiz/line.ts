// Text of one line, as people type it: brought into shape, not blank, and not too long.
import * as v from "valibot";
import { tidyName } from "../text-rules.js";

/** @param what begins the sentence that tells what is wrong */
export function line(what: string, lengthMax: number) {
  const tooLong = `${what} is too long: ${lengthMax} characters at most.`;
  return v.pipe(
    v.string(`${what} is not a text.`),
    // The raw length first: the rules for tidying are linear, but not free.
    v.maxLength(lengthMax * 2, tooLong),
    v.transform(tidyName),
    v.minLength(1, `${what} is empty.`),
    v.maxLength(lengthMax, tooLong),
  );
}
