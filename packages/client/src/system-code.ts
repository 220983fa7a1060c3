// What the system says of a connection that failed: Node knows it, browsers hide it.

/** Links of a chain of causes that are looked at: `fetch` has one, and nothing keeps others short. */
const depthMax = 8;

/** The code (`ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED`) of an error or of what caused it. */
export function systemCode(error: unknown): string | undefined {
  let at = error;
  for (let depth = 0; depth < depthMax && at instanceof Error; depth += 1) {
    const { code } = at as { code?: unknown };
    if (typeof code === "string" && /^[A-Z][A-Z0-9_]+$/.test(code)) return code;
    at = at.cause;
  }
  return undefined;
}
