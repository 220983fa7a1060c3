// @ts-check
// The workspaces of the project: every folder in packages/ and apps/ with a package.json.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { projectRoot } from "./project-root.mjs";

/** @typedef {{ folder: string, manifest: Record<string, any> }} Workspace */

/** @returns {Workspace[]} with folders relative to the project root */
export function listWorkspaces() {
  return ["packages", "apps"]
    .filter((parent) => existsSync(projectRoot + parent))
    .flatMap((parent) => readdirSync(projectRoot + parent).map((name) => `${parent}/${name}`))
    .filter((folder) => existsSync(`${projectRoot}${folder}/package.json`))
    .map((folder) => ({ folder, manifest: readManifest(folder) }));
}

/**
 * @param {string} folder relative to the project root
 * @returns {Record<string, any>} its package.json
 */
export function readManifest(folder) {
  return JSON.parse(readFileSync(`${projectRoot}${folder}/package.json`, "utf8"));
}
