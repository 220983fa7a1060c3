// Real Chromium, as the machine has it.

import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const { TIDEWIRE_CHROMIUM: chromiumPath = "/usr/bin/chromium" } = process.env;

/** Without a browser there is nothing to test; one line says so. */
export function hasChromium(): boolean {
  if (existsSync(chromiumPath)) return true;
  console.log(`Browser tests skipped: no ${chromiumPath}; TIDEWIRE_CHROMIUM names another one.`);
  return false;
}

/** @throws {Error} when the browser does not start. */
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
