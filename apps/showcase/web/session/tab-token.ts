// The secret by which the server knows this tab again, also after a reload. Browsers may refuse to
// store anything; then every reload is somebody new, and all else works.

const storageKey = "tidewire.tab";

export function tabToken(): string {
  try {
    const known = sessionStorage.getItem(storageKey);
    if (known !== null && /^[0-9a-f]{32}$/.test(known)) return known;
    const token = randomId();
    sessionStorage.setItem(storageKey, token);
    return token;
  } catch {
    return randomId();
  }
}

/**
 * 32 random hex digits. Not `crypto.randomUUID`, which browsers withhold from pages that came over
 * plain HTTP from another machine.
 */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
