// Real Chromium, and pages that run the program of page.ts.

import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";
import type { PageOptions } from "./page.js";

const { TIDEWIRE_CHROMIUM: chromiumPath = "/usr/bin/chromium" } = process.env;

/** Without a browser there is nothing to test; one line says so. */
export function hasChromium(): boolean {
  if (existsSync(chromiumPath)) return true;
  console.log(`Browser tests skipped: no ${chromiumPath}; TIDEWIRE_CHROMIUM names another one.`);
  return false;
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      "--no-sandbox",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A page of its own, as of another person, whose client has begun to connect. */
export async function openPage(
  browser: Browser,
  port: number,
  options: PageOptions = {},
): Promise<Page> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.waitForFunction(() => globalThis.page !== undefined);
  await page.evaluate((given) => globalThis.page.start(given), options);
  return page;
}
