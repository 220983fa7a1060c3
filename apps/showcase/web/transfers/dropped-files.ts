// What was dropped on the page, or pasted: files, and folders, which are not taken.

export interface Dropped {
  readonly files: readonly File[];
  /** Names of folders. */
  readonly folders: readonly string[];
}

/** To be called within the event: afterwards the browser has forgotten what was dropped. */
export function readDropped(transfer: DataTransfer | null): Dropped {
  const files: File[] = [];
  const folders: string[] = [];
  for (const item of transfer?.items ?? []) {
    if (item.kind !== "file") continue;
    // A folder looks like a file until one tries to read it.
    const entry = item.webkitGetAsEntry?.();
    const file = item.getAsFile();
    if (entry?.isDirectory) folders.push(entry.name);
    else if (file !== null) files.push(file);
  }
  return { files, folders };
}

/** Whether what is dragged has files in it. */
export function hasFiles(transfer: DataTransfer | null): boolean {
  return transfer?.types.includes("Files") ?? false;
}
