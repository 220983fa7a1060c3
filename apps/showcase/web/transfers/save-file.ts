// Gives a file to the browser to save, as if it had been downloaded from an address.

/** Long enough for any browser to have begun. */
const forgetMs = 60_000;

export function saveFile(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), forgetMs);
}
