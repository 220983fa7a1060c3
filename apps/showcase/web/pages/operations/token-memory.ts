// The operations token, kept for this tab alone. Browsers may refuse to store anything; then it is asked
// for after a reload, and all else works.

const storageKey = "tidewire.operations";

export function recallToken(): string | undefined {
  try {
    return sessionStorage.getItem(storageKey) ?? undefined;
  } catch {
    return undefined;
  }
}

export function rememberToken(token: string): void {
  try {
    sessionStorage.setItem(storageKey, token);
  } catch {} // It works until the reload.
}

export function forgetToken(): void {
  try {
    sessionStorage.removeItem(storageKey);
  } catch {} // Then there is none.
}
