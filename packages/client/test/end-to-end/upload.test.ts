// A large file over a connection that breaks three times: the same bytes arrive, progress never goes
// back, and neither end holds more than a window of it.

import { createHash } from "node:crypto";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TransportName } from "@tidewire/client";
import { hasChromium, openBrowser } from "@tidewire/test-support";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openPage } from "./support/browser.js";
import { buildPage, buildProgram, removePrograms } from "./support/build.js";
import { Network } from "./support/network.js";
import type { HubReport, Memory, UploaderReport } from "./support/orders.js";
import { Program } from "./support/program.js";
import { roomyLimits, serveSite } from "./support/site.js";

const mebibyte = 1024 * 1024;
const size = 100 * mebibyte;
/**
 * What an end may hold besides its program: the log (4 MiB), a window of the stream (4 MiB), buffers
 * of sockets, and what the collector has not come round to. Far below the file.
 */
const grownMax = 72 * mebibyte;

describe("100 MiB from Node to Node", { timeout: 60_000 }, () => {
  let hubProgram: string;
  let uploadProgram: string;
  beforeAll(async () => {
    hubProgram = await buildProgram("hub-program");
    uploadProgram = await buildProgram("upload-program");
  });
  afterAll(removePrograms);

  const isSlow = process.env["TIDEWIRE_SLOW"] === "1";
  const transports: TransportName[] = isSlow
    ? ["websocket", "sse", "stream", "long-polling"]
    : ["websocket"];
  for (const transport of transports) {
    test(`over ${transport}, cut three times: same SHA-256, progress monotonic, memory flat on both ends`, async () => {
      const { file, sha256 } = writeFile();
      const hub = new Program<HubReport>(hubProgram, { limits: roomyLimits });
      const { port } = await hub.report("listening");
      const network = await Network.to(port);
      let cuts = 0;
      hub.watch((report) => {
        if (report.type !== "progress" || report.received < ((cuts + 1) * size) / 4 || cuts === 3)
          return;
        cuts += 1;
        network.breakAll();
      });
      const url = `http://127.0.0.1:${network.port}/tidewire`;
      const uploader = new Program<UploaderReport>(uploadProgram, {
        url,
        file,
        sha256,
        transports: [transport],
      });
      const { answer, progress, memory } = await uploader.report("done");

      expect(answer).toEqual({ size, sha256 });
      expect(await hub.report("stored", true)).toEqual({
        type: "stored",
        sha256,
        isMonotonic: true,
      });
      expect(progress.at(-1)).toEqual({ bytes: size, total: size });
      for (let at = 1; at < progress.length; at += 1) {
        expect(progress[at]!.bytes).toBeGreaterThan(progress[at - 1]!.bytes);
      }
      const linked = uploader.reports.filter((report) => report.type === "linked");
      // A link of polls outlives a broken connection: it sends its requests again.
      const links = transport === "long-polling" ? 0 : 3;
      expect(linked.map((report) => report.answer)).toEqual([
        "fresh",
        ...Array.from({ length: links }, () => "resumed"),
      ]);
      expect(cuts).toBe(3);
      hub.order({ type: "stats" });
      const { memory: hubMemory } = await hub.report("stats");
      if (process.env["TIDEWIRE_PRINT"] === "1")
        console.log(transport, mebibytes(memory), mebibytes(hubMemory));
      expect(memory.peak - memory.start).toBeLessThan(grownMax);
      expect(hubMemory.peak - hubMemory.start).toBeLessThan(grownMax);
      expect(hub.reports.filter(({ type }) => type === "error")).toEqual([]);
    });
  }
});

describe.skipIf(!hasChromium())("16 MiB from Chromium", { timeout: 60_000 }, () => {
  let browser: Browser;
  let scripts: ReadonlyMap<string, string>;
  beforeAll(async () => {
    [browser, scripts] = await Promise.all([openBrowser(), buildPage()]);
  });
  afterAll(() => browser.close());

  for (const transport of ["websocket", "sse"] as const) {
    test(`a Blob over ${transport}, cut three times: same SHA-256, progress monotonic on both ends`, async () => {
      const length = 16 * mebibyte;
      const site = await serveSite(scripts);
      const network = await Network.to(site.port);
      const received: number[] = [];
      let cuts = 0;
      site.hub.onUpload(
        "file",
        { sizeMax: length, sha256: () => createHash("sha256") },
        async (_, upload) => {
          upload.onProgress = (bytes) => {
            received.push(bytes);
            if (bytes < ((cuts + 1) * length) / 4 || cuts === 3) return;
            cuts += 1;
            network.breakAll();
          };
          for await (const chunk of upload) void chunk;
          return upload.sha256;
        },
      );
      const page = await openPage(browser, network.port, { transports: [transport], random: 0.05 });
      const { digest, answer } = await page.evaluate(
        (bytes) => globalThis.page.upload(bytes),
        length,
      );
      expect(answer).toBe(digest);
      expect(cuts).toBe(3);
      const progress = await page.evaluate(() =>
        globalThis.page.progress.map(({ bytes }) => bytes),
      );
      for (const steps of [progress, received]) {
        expect(steps.at(-1)).toBe(length);
        expect(steps).toEqual([...new Set(steps)].sort((one, other) => one - other));
      }
      const answers = await page.evaluate(() => globalThis.page.linked.map((info) => info.answer));
      expect(answers).toEqual(["fresh", "resumed", "resumed", "resumed"]);
      expect(site.errors).toEqual([]);
    });
  }
});

/** Of bytes that repeat nowhere near, so that a piece in the wrong place changes the digest. */
function writeFile(): { readonly file: string; readonly sha256: string } {
  const folder = mkdtempSync(join(tmpdir(), "upload-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "file.bin");
  const hash = createHash("sha256");
  const handle = openSync(file, "w");
  for (let written = 0; written < size; written += mebibyte) {
    const piece = new Uint32Array(mebibyte / 4);
    for (let at = 0; at < piece.length; at += 1)
      piece[at] = Math.imul(written + at * 4, 0x9e3779b1);
    hash.update(piece);
    writeSync(handle, piece);
  }
  closeSync(handle);
  return { file, sha256: hash.digest("hex") };
}

function mebibytes({ start, peak }: Memory): string {
  return `${(start / mebibyte).toFixed(1)} → ${(peak / mebibyte).toFixed(1)} MiB`;
}
