// @ts-check
// Fails when package-lock.json does not fit the package.json files or names a registry host.
import { readFileSync } from "node:fs";
import { judgeLock } from "./packages/judge-lock.mjs";
import { listWorkspaces, readManifest } from "./setup/list-workspaces.mjs";
import { projectRoot } from "./setup/project-root.mjs";

const lock = JSON.parse(readFileSync(`${projectRoot}package-lock.json`, "utf8"));
const root = { folder: "", manifest: readManifest(".") };
const problems = judgeLock(lock, [root, ...listWorkspaces()]);
for (const problem of problems) console.log(`package-lock.json ${problem}`);
if (problems.length > 0) console.log("Run `npm install` in the root and commit the lock.");
process.exitCode = problems.length > 0 ? 1 : 0;
