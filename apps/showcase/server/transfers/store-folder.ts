// The temporary folder of the files that visitors sent. It is made when the first one comes, and is gone
// with the process, however that ends; what a killed one has left is removed at the next start.
import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

const prefix = "tidewire-files";
// Containers may share a folder, but no process numbers.
const host =
  hostname()
    .replace(/[^a-z0-9]/giu, "")
    .slice(0, 32) || "host";

export class StoreFolder {
  readonly #parent: string;
  #path: string | undefined;

  /** @param parent default: the system's folder for temporary files */
  constructor(parent: string = tmpdir()) {
    this.#parent = parent;
  }

  /** Its path; it is there afterwards, for this user only. */
  open(): string {
    // Systems clean up their folder for temporary files by themselves.
    if (this.#path === undefined || !existsSync(this.#path)) {
      process.off("exit", this.remove);
      this.#path = mkdtempSync(join(this.#parent, `${prefix}-${host}-${process.pid}-`));
      process.on("exit", this.remove);
    }
    return this.#path;
  }

  /** With everything in it. */
  readonly remove = (): void => {
    process.off("exit", this.remove);
    if (this.#path === undefined) return;
    rmSync(this.#path, { recursive: true, force: true, maxRetries: 3 });
    this.#path = undefined;
  };

  /** Folders of processes of this machine that do not run any more. */
  removeStale(): void {
    const pattern = new RegExp(`^${prefix}-${host}-(\\d+)-[^-]+$`);
    for (const name of attempt(() => readdirSync(this.#parent)) ?? []) {
      const pid = Number(pattern.exec(name)?.[1] ?? Number.NaN);
      const path = join(this.#parent, name);
      if (Number.isNaN(pid) || path === this.#path) continue;
      attempt(() => {
        if (isStale(path, pid)) rmSync(path, { recursive: true, force: true });
      });
    }
  }
}

function isStale(path: string, pid: number): boolean {
  const facts = lstatSync(path);
  if (!facts.isDirectory()) return false;
  // Our own number was another's before: in a container it always is the same.
  if (pid === process.pid) return facts.birthtimeMs < performance.timeOrigin;
  return !isRunning(pid);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH"; // Else it is another user's.
  }
}

/** What is not ours to read or to remove is left where it is. */
function attempt<Value>(action: () => Value): Value | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
