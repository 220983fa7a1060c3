// @ts-check
// `npm run pictures`: the pictures of README.md, from the showcase as it runs. WebP, so that a clone
// stays small; Chromium itself encodes it.
//
//   npm run pictures -- chat wire    only these
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { chromium } from "playwright-core";
import { stages } from "./pictures/stages.mjs";
import { buildPage } from "./setup/build-page.mjs";
import { projectRoot } from "./setup/project-root.mjs";

const folder = `${projectRoot}docs/pictures`;
const { TIDEWIRE_CHROMIUM: executablePath = "/usr/bin/chromium" } = process.env;
const wanted = process.argv.slice(2);

const unknown = wanted.filter((name) => !(name in stages));
if (unknown.length > 0) {
  console.error(
    `No picture is called ${unknown.join(", ")}. There are: ${Object.keys(stages).join(", ")}.`,
  );
  process.exit(1);
}
const stop = new AbortController();
if (!(await buildPage("apps/showcase", stop.signal))) process.exit(1);
const server = spawn(process.execPath, ["apps/showcase/dist/server/main.js", "--port", "0"], {
  cwd: projectRoot,
  stdio: ["ignore", "pipe", "inherit"],
});
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-quic", "--no-first-run"],
});
try {
  const welcome = await firstWords(server);
  mkdirSync(folder, { recursive: true });
  for (const [name, stage] of Object.entries(stages)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const page = await stage({ browser, ...welcome });
    // Nothing is caught half faded.
    await page.waitForTimeout(500);
    const bytes = await toWebp(await page.screenshot());
    writeFileSync(`${folder}/${name}.webp`, bytes);
    console.log(`docs/pictures/${name}.webp  ${(bytes.length / 1000).toFixed(0)} kB`);
    await Promise.all(browser.contexts().map((context) => context.close()));
  }
} finally {
  await browser.close();
  server.kill("SIGTERM");
  await once(server, "exit");
}

/** @param {Buffer} png */
async function toWebp(png) {
  const page = await browser.newPage();
  // A string, because it is the page's code, not ours: it has a document.
  const data = /** @type {string} */ (
    await page.evaluate(`(async () => {
      const blob = await (await fetch("data:image/png;base64,${png.toString("base64")}")).blob();
      const image = await createImageBitmap(blob);
      const canvas = document.createElement("canvas");
      canvas.width = image.width;
      canvas.height = image.height;
      canvas.getContext("2d").drawImage(image, 0, 0);
      return canvas.toDataURL("image/webp", 0.9);
    })()`)
  );
  await page.context().close();
  return Buffer.from(data.slice(data.indexOf(",") + 1), "base64");
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<{ url: string, welcome: string }>} what the server prints once it listens
 */
function firstWords(child) {
  return new Promise((resolve, reject) => {
    let welcome = "";
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      welcome += text;
      const url = /http:\/\/\S+/.exec(welcome)?.[0];
      if (url !== undefined && welcome.includes("Ctrl-C")) resolve({ url, welcome });
    });
    child.once("exit", () => reject(new Error(`The showcase did not start:\n${welcome}`)));
  });
}
