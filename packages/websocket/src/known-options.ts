/** An option of another name is never read, which only a type checker would have said. */
import { DEFAULT_HANDSHAKE_LIMITS, resolveLimits } from "@tidewire/ws-protocol";

/** The names of the limits that both ends have. */
export const SHARED_LIMITS: readonly string[] = [
  ...Object.keys(resolveLimits()),
  ...Object.keys(DEFAULT_HANDSHAKE_LIMITS),
];

/**
 * @param what whose options they are, for the error.
 * @param known the names that there are.
 * @param elsewhere what to write instead of names that `ws` has.
 * @throws {TypeError} naming an option that there is none of.
 */
export function assertKnownOptions(
  what: string,
  given: object,
  known: readonly string[],
  elsewhere: Readonly<Record<string, string>> = {},
): void {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || known.includes(name)) continue;
    const hint = Object.hasOwn(elsewhere, name)
      ? `use ${elsewhere[name]}`
      : `it has ${known.join(", ")}`;
    throw new TypeError(`${what} has no option ${JSON.stringify(name)}: ${hint}`);
  }
}
