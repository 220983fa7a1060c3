// @ts-check
// Whether package-lock.json fits the package.json files, so that a fresh clone installs what was
// tested.
import { isDeepStrictEqual } from "node:util";

const KINDS = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];

/**
 * @param {{ packages?: Record<string, any> }} lock
 * @param {{ folder: string, manifest: Record<string, any> }[]} workspaces the root has folder ""
 * @returns {string[]} what is wrong
 */
export function judgeLock(lock, workspaces) {
  const locked = lock.packages ?? {};
  const disagreeing = workspaces
    .filter(({ folder, manifest }) =>
      KINDS.some((kind) => !isDeepStrictEqual(locked[folder]?.[kind] ?? {}, manifest[kind] ?? {})),
    )
    .map(({ folder }) => `does not fit ${folder === "" ? "" : `${folder}/`}package.json`);
  const unknown = workspaces
    .filter(({ folder, manifest }) => folder !== "" && !locked[`node_modules/${manifest.name}`])
    .map(({ folder }) => `does not know ${folder}`);
  const hosts = Object.entries(locked)
    .filter(([, { resolved }]) => /^https?:/.test(resolved ?? ""))
    .map(([path]) => `names a registry host for ${path}`);
  return [...disagreeing, ...unknown, ...hosts];
}
