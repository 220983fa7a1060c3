// @ts-check
// Whether a packed package holds what its users need, and nothing that was not meant for them.

const LEAKS =
  /(^|\/)(test|tests|fixtures|node_modules|coverage)\/|\.test\.|\.tsbuildinfo$|^tsconfig|\.tgz$|\.log$|(^|\/)\.(?!$)/;

/**
 * @param {string[]} paths what npm would pack
 * @param {string[]} needed files that `exports` and `bin` point to
 * @returns {string[]} what is wrong
 */
export function judgeContents(paths, needed) {
  const present = new Set(paths);
  const missing = ["README.md", "LICENSE", "package.json", ...needed]
    .filter((path) => !present.has(path))
    .map((path) => `lacks ${path}`);
  const leaks = paths.filter((path) => LEAKS.test(path)).map((path) => `must not contain ${path}`);
  const stale = paths
    .filter((path) => /^dist\/.*\.js$/.test(path) && !hasSource(path, present))
    .map((path) => `${path} has no source: delete the dist folder and build again`);
  return [...new Set([...missing, ...leaks, ...stale])];
}

/**
 * @param {string} path
 * @param {Set<string>} present
 */
function hasSource(path, present) {
  const source = path.replace(/^dist\//, "src/").replace(/\.js$/, "");
  return present.has(`${source}.ts`) || present.has(`${source}.tsx`);
}
