// Real Chromium, as the machine has it.

import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const {
  TIDEWIRE_CHROMIUM: chromiumPath = "/usr/bin/chromium",
  TIDEWIRE_HEADLESS_SHELL: shellPath,
} = process.env;

/** Without a browser there is nothing to test; one line says so. */
export function hasChromium(): boolean {
  if (existsSync(chromiumPath)) return true;
  console.log(`Browser tests skipped: no ${chromiumPath}; TIDEWIRE_CHROMIUM names another one.`);
  return false;
}

/**
 * The browser as people have it, without its windows.
 *
 * @throws {Error} when it does not start.
 */
export function openBrowser(): Promise<Browser> {
  return launch(chromiumPath);
}

/**
 * For pages: the same engine without all that is around a page, which costs half of the processor's
 * time; the browser itself where there is no such program.
 *
 * @throws {Error} when it does not start.
 */
export function openShell(): Promise<Browser> {
  return launch(shellPath ?? chromiumPath);
}

function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
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
