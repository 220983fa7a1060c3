// What axe says of a page as it is drawn now.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect } from "vitest";
import type { Tab } from "./open-browser.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** @param screen what is shown, for the message */
export async function expectAccessible(tab: Tab, screen: string): Promise<void> {
  // Colours are only right once nothing fades any more.
  await tab.page.evaluate(
    "Promise.all(document.getAnimations().filter((a) => a.effect.getTiming().iterations !== Infinity).map((a) => a.finished.catch(() => {})))",
  );
  if (!(await tab.page.evaluate("'axe' in globalThis"))) await tab.page.evaluate(axe);
  const violations = await tab.page.evaluate<
    { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[]
  >("axe.run().then(({ violations }) => violations)");
  const serious = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`).join("\n")}`,
    );
  expect(serious, screen).toEqual([]);
}
