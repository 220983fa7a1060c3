// @ts-check
// What a TypeScript source names: the modules it imports in any form, and the ambient powers.
import { parseSync, Visitor } from "oxc-parser";
import { impureGlobals } from "./table.mjs";

/** @typedef {{ name: string, line: number }} Naming */
/** @typedef {{ imports: Naming[], powers: Naming[], errors: string[] }} SourceFacts */

/**
 * Finds static and dynamic imports, re-exports, `import x = require()`, `require()` and the types
 * `import("x")`, plus uses of the impure globals and of `Math.random`.
 *
 * @param {string} path decides the dialect by its extension
 * @param {string} text
 * @returns {SourceFacts}
 */
export function readSource(path, text) {
  const { program, errors } = parseSync(path, text);
  /** @type {SourceFacts} */
  const facts = { imports: [], powers: [], errors: errors.map((error) => error.message) };
  /** @type {Set<number>} */
  const names = new Set();

  /** @param {number} offset */
  const lineAt = (offset) => text.slice(0, offset).split("\n").length;
  /** @param {any} source a string literal, or an expression nobody can check */
  const addImport = (source) => {
    if (!source) return;
    const isText = source.type === "Literal" && typeof source.value === "string";
    const name = isText ? source.value : text.slice(source.start, source.end);
    facts.imports.push({ name: isText ? name : `computed: ${name}`, line: lineAt(source.start) });
  };
  /** @param {any} node an identifier that is a mere property or key, not a reference */
  const markName = (node) => {
    if (node?.type === "Identifier") names.add(node.start);
  };

  new Visitor({
    ImportDeclaration: (node) => addImport(node.source),
    ExportAllDeclaration: (node) => addImport(node.source),
    ExportNamedDeclaration: (node) => addImport(node.source),
    ImportExpression: (node) => addImport(node.source),
    TSImportType: (node) => addImport(node.source),
    TSExternalModuleReference: (node) => addImport(node.expression),
    CallExpression: (node) => {
      if (node.callee.type === "Identifier" && node.callee.name === "require") {
        addImport(node.arguments[0]);
      }
    },
    MemberExpression: (node) => {
      if (!node.computed) markName(node.property);
      const property = node.computed ? text.slice(node.property.start, node.property.end) : "";
      const isRandom = node.computed
        ? /^["'`]random["'`]$/.test(property)
        : node.property.type === "Identifier" && node.property.name === "random";
      if (node.object.type === "Identifier" && node.object.name === "Math" && isRandom) {
        facts.powers.push({ name: "Math.random", line: lineAt(node.start) });
      }
    },
    Property: (node) => {
      if (!node.computed && !node.shorthand) markName(node.key);
    },
    MethodDefinition: (node) => markName(node.key),
    PropertyDefinition: (node) => markName(node.key),
    TSPropertySignature: (node) => markName(node.key),
    TSMethodSignature: (node) => markName(node.key),
    Identifier: (node) => {
      if (impureGlobals.has(node.name) && !names.has(node.start)) {
        facts.powers.push({ name: node.name, line: lineAt(node.start) });
      }
    },
  }).visit(program);
  return facts;
}
