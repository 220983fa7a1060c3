// The server is gone, and another one takes its place: the page is told that its session is lost, gets
// a new one, and recovers by the history of the room.

import { MemoryBackplane } from "@tidewire/hub";
import { hasChromium, openBrowser } from "@tidewire/test-support";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPage } from "./support/browser.js";
import { buildPage } from "./support/build.js";
import { Network } from "./support/network.js";
import { serveSite } from "./support/site.js";

describe.skipIf(!hasChromium())("Chromium, the server restarted", { timeout: 60_000 }, () => {
  let browser: Browser;
  let scripts: ReadonlyMap<string, string>;
  beforeAll(async () => {
    [browser, scripts] = await Promise.all([openBrowser(), buildPage()]);
  });
  afterAll(() => browser.close());

  for (const transport of ["websocket", "sse", "stream", "long-polling", "polling"] as const) {
    test(`over ${transport}: an explicit fresh, and what was said meanwhile comes from the history`, async () => {
      // As an engine beside the servers, it outlives them.
      const backplane = new MemoryBackplane();
      const first = await serveSite(scripts, { backplane });
      const network = await Network.to(first.port);
      const page = await openPage(browser, network.port, { random: 0.05, transports: [transport] });
      await page.waitForFunction(() => globalThis.page.client!.state === "connected");
      await expect.poll(() => first.hub.stats().memberships).toBe(1);
      for (const text of ["one", "two"]) first.hub.to("lobby").emit("said", text);
      await page.waitForFunction(() => globalThis.page.said.length === 2);

      // As when the process is killed: no goodbye reaches the page.
      network.cut();
      await first.stop();
      const second = await serveSite(scripts, { backplane });
      for (const text of ["three", "four"]) second.hub.to("lobby").emit("said", text);
      network.target = second.port;
      network.restore();

      await page.waitForFunction(() => globalThis.page.said.length >= 4);
      await page.waitForFunction(() => globalThis.page.replays.length === 1);
      const seen = await page.evaluate(() => {
        const { linked, said, replays, lost, errors } = globalThis.page;
        return { linked, said, replays, lost, errors };
      });
      const texts = ["one", "two", "three", "four"];
      expect(seen.said).toEqual(texts.map((text, at) => ({ text, offset: at + 1 })));
      expect(seen.replays).toEqual([true]);
      expect(seen.linked).toMatchObject([
        { answer: "fresh", first: true },
        { answer: "fresh", first: false },
      ]);
      expect(seen.linked[1]!.reason).toBeTypeOf("string");
      expect(seen.linked[1]!.session).not.toBe(seen.linked[0]!.session);
      expect([seen.lost, seen.errors]).toEqual([[], []]);
      expect([first.errors, second.errors]).toEqual([[], []]);
    });
  }

  test("a history that is gone with the server is told as incomplete", async () => {
    const first = await serveSite(scripts);
    const network = await Network.to(first.port);
    const page = await openPage(browser, network.port, { random: 0.05 });
    await page.waitForFunction(() => globalThis.page.client!.state === "connected");
    await expect.poll(() => first.hub.stats().memberships).toBe(1);
    first.hub.to("lobby").emit("said", "one");
    await page.waitForFunction(() => globalThis.page.said.length === 1);
    network.cut();
    await first.stop();
    const second = await serveSite(scripts);
    network.target = second.port;
    network.restore();
    await page.waitForFunction(() => globalThis.page.replays.length === 1);
    expect(await page.evaluate(() => globalThis.page.replays)).toEqual([false]);
  });
});
