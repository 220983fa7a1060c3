// Pages that run the program of page.ts.

import type { Browser, Page } from "playwright-core";
import { onTestFinished } from "vitest";
import type { PageOptions } from "./page.js";

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
