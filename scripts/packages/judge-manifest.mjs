// @ts-check
// Whether the package.json of a published package says everything a user's tools ask for.

const FIELDS = [
  "name",
  "version",
  "description",
  "keywords",
  "license",
  "type",
  "sideEffects",
  "engines",
  "exports",
  "files",
];

/**
 * @param {Record<string, any>} manifest
 * @param {string} nodeRange `engines.node` of the root package.json
 * @returns {string[]} what is wrong
 */
export function judgeManifest(manifest, nodeRange) {
  const found = FIELDS.filter((field) => manifest[field] === undefined).map(
    (field) => `package.json lacks "${field}"`,
  );
  if (manifest.type !== "module") found.push('package.json: "type" is not "module"');
  if (manifest.license !== "MIT") found.push('package.json: "license" is not "MIT"');
  if (manifest.engines?.node !== nodeRange) {
    found.push(`package.json: "engines.node" is not "${nodeRange}" as in the root`);
  }
  for (const [subpath, target] of Object.entries(manifest.exports ?? {})) {
    if (subpath === "./package.json") continue;
    const names = Object.keys(target);
    if (names[0] !== "types" || names.at(-1) !== "default") {
      found.push(`package.json: exports["${subpath}"] must begin with "types", end with "default"`);
    }
  }
  return found;
}

/** @param {Record<string, any>} manifest */
export function exportedFiles(manifest) {
  const targets = Object.values(manifest.exports ?? {});
  return targets
    .flatMap((target) => (typeof target === "string" ? [target] : Object.values(target)))
    .map((path) => String(path).replace("./", ""));
}
