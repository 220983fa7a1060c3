// @ts-check
// Holds the facts of sources against the table of layers. Pure: files come in as text.
import { posix } from "node:path";
import { readSource } from "./read-source.mjs";

/** @typedef {import("./table.mjs").Layer} Layer */
/** @typedef {{ dependencies?: Record<string, string>, peerDependencies?: Record<string, string> }} Manifest */
/** @typedef {{ path: string, line: number, message: string }} Violation */

/**
 * @param {Layer[]} layers
 * @param {Map<string, string>} sources path from the project root, with `/`, to text
 * @param {Map<string, Manifest>} manifests folder to its package.json
 * @returns {Violation[]}
 */
export function findViolations(layers, sources, manifests) {
  return [...sources].flatMap(([path, text]) => {
    const layer = layers.find(({ folder }) => path.startsWith(`${folder}/`));
    if (!layer) {
      const message = "belongs to no layer: add its package to scripts/layers/table.mjs";
      return [{ path, line: 1, message }];
    }
    return judgeFile(layer, path, text, manifests.get(layer.folder) ?? {});
  });
}

/**
 * @param {Layer} layer
 * @param {string} path
 * @param {string} text
 * @param {Manifest} manifest
 * @returns {Violation[]}
 */
function judgeFile(layer, path, text, manifest) {
  const facts = readSource(path, text);
  /** @type {Violation[]} */
  const found = facts.errors.map((message) => ({ path, line: 1, message }));
  for (const { name, line } of facts.imports) {
    const message = name.startsWith(".")
      ? judgeRelative(layer, path, name)
      : judgePackage(layer, path, name, manifest);
    if (message) found.push({ path, line, message });
  }
  if (layer.pure) {
    for (const { name, line } of facts.powers) {
      const message = `${name}: ${layer.folder} has no clock, dice or I/O of its own; take it as an argument`;
      found.push({ path, line, message });
    }
  }
  return found;
}

/**
 * @param {Layer} layer
 * @param {string} path
 * @param {string} name
 * @param {Manifest} manifest
 * @returns {string | undefined}
 */
function judgePackage(layer, path, name, manifest) {
  const file = path.slice(`${layer.folder}/src/`.length);
  const allowed = [...layer.imports, ...(layer.files?.[file] ?? [])];
  if (name.startsWith("node:")) {
    return allowed.includes("node:*") || allowed.includes("*") ? undefined : refuse(name, allowed);
  }
  const packageName = name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies };
  const ours = packageName.startsWith("@tidewire/") ? packageName.slice(10) : undefined;
  const isAllowed =
    allowed.includes("*") ||
    (ours !== undefined && allowed.includes(ours)) ||
    (allowed.includes("peers") && packageName in (manifest.peerDependencies ?? {}));
  if (!isAllowed) return refuse(name, allowed);
  if (ours !== undefined && name.split("/").includes("src")) {
    return `${name}: import the package by its public entry`;
  }
  // An application bundles what it uses; a published package must say what it needs.
  if (!(packageName in declared) && layer.folder.startsWith("packages/")) {
    return `${packageName} is not in the dependencies of ${layer.folder}/package.json`;
  }
  return undefined;
}

/**
 * @param {Layer} layer
 * @param {string} path
 * @param {string} name
 * @returns {string | undefined}
 */
function judgeRelative(layer, path, name) {
  const target = posix.join(posix.dirname(path), name);
  const home = layer.folder.startsWith("packages/") ? `${layer.folder}/src/` : `${layer.folder}/`;
  if (!target.startsWith(home)) return `${name} leaves ${home}`;
  if (!layer.parts) return undefined;
  const from = path.slice(home.length);
  const to = target.slice(home.length).replace(/\.js$/, ".ts");
  const fromPart = partOf(from);
  const toPart = partOf(to);
  if (fromPart === "index.ts" || fromPart === toPart) return undefined;
  const allowed = layer.parts[fromPart];
  if (!allowed) {
    return `${fromPart} has no place in the order of ${layer.folder}: add it to scripts/layers/table.mjs`;
  }
  if (allowed.includes(toPart) || allowed.includes(to)) return undefined;
  return refuse(to, allowed);
}

/** @param {string} file path below src/ */
function partOf(file) {
  return file.split("/")[0] ?? file;
}

/**
 * @param {string} name
 * @param {string[]} allowed
 */
function refuse(name, allowed) {
  return `${name} may not be imported here (allowed: ${allowed.join(", ") || "nothing"})`;
}
