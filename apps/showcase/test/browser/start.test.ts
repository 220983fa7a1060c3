// The start page and the shell around all pages, in real Chromium.
import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startShowcase } from "../showcase-process.js";
import { expectAccessible } from "./expect-accessible.js";
import { desktop, hasChromium, phone, type Tab } from "./open-browser.js";
import { Tabs } from "./tabs.js";

describe.runIf(hasChromium())("the start page", { timeout: 60_000 }, () => {
  let tabs: Tabs;
  let server: Awaited<ReturnType<typeof startShowcase>>;

  beforeAll(async () => {
    tabs = await Tabs.build();
    server = await startShowcase(tabs.built.entry);
  }, 60_000);

  afterEach(async () => {
    expect(await tabs.close(), "console").toEqual([]);
  });

  afterAll(async () => {
    await server?.kill("SIGKILL");
    await tabs?.end();
  });

  function open(hash = "", options: object = desktop): Promise<Tab> {
    return tabs.open(`${server.url}/${hash}`, options);
  }

  const figures = (tab: Tab) => tab.page.getByRole("region", { name: "This server, now" });

  test("the figures are of this server, and follow what happens", async () => {
    const tab = await open();
    await tab.online();
    await figures(tab).getByText("1 by WebSocket").waitFor();
    const other = await open("?transports=sse#/chat");
    await other.online();
    await figures(tab).getByText("1 by WebSocket, 1 by Server-Sent Events").waitFor();
    await figures(tab).getByText("connections", { exact: true }).waitFor();
    await other.close();
    await figures(tab).getByText("1 by WebSocket", { exact: true }).waitFor();
    const own = tab.page.getByRole("region", { name: "This page's session" });
    await own.getByText("connected").waitFor();
    await own.getByText("WebSocket", { exact: true }).waitFor();
  });

  test("after a restart of the server the figures go on by themselves", async () => {
    const tab = await open();
    await figures(tab).getByText("1 by WebSocket").waitFor();
    await server.kill("SIGKILL");
    await figures(tab).getByText("As it was before the connection was lost.").waitFor();
    server = await startShowcase(tabs.built.entry, { port: server.port });
    await tab.online();
    await figures(tab).getByText("1 by WebSocket").waitFor();
    tab.complaints.length = 0; // The browser reports the attempts in between.
  });

  test("the code is what the tests run, and is copied", async () => {
    const tab = await open("", { ...desktop, permissions: ["clipboard-read", "clipboard-write"] });
    for (const [name, file] of [
      ["The server", "server.ts"],
      ["The page", "client.ts"],
    ] as const) {
      await tab.page.getByRole("button", { name: `Copy: ${name}` }).click();
      await tab.page.getByRole("region", { name }).getByText("Copied").waitFor();
      const code = readFileSync(new URL(`../../snippets/${file}`, import.meta.url), "utf8");
      expect(await tab.page.evaluate("navigator.clipboard.readText()")).toBe(code);
    }
  });

  test("every door opens, by mouse and by keyboard, and the way back is there", async () => {
    const tab = await open();
    const doors = tab.page.getByRole("navigation", { name: "What there is to see" });
    await doors.waitFor();
    const titles = await doors.getByRole("link").locator("strong").allTextContents();
    expect(titles).toContain("Chat");
    for (const title of titles) {
      await doors.getByRole("link", { name: title }).click();
      const pages = tab.page.getByRole("navigation", { name: "Pages" });
      const current = pages.locator('[aria-current="page"]');
      await expect.poll(() => current.textContent()).toBe(title);
      await tab.page.getByRole("link", { name: "Tidewire", exact: true }).focus();
      await tab.page.keyboard.press("Enter");
      await tab.page.getByRole("heading", { level: 1, name: "Realtime" }).waitFor();
    }
  });

  test("a page that comes late leaves the focus with who has moved on", async () => {
    const tab = await open();
    let release = () => {};
    const arrival = new Promise<void>((resolve) => {
      release = resolve;
    });
    await tab.page.route("**/*.js", async (route) => {
      await arrival;
      await route.continue();
    });
    const pages = tab.page.getByRole("navigation", { name: "Pages" });
    await pages.getByRole("link", { name: "Quiz" }).click();
    await tab.page.getByText("Loading…").waitFor();
    const brand = tab.page.getByRole("link", { name: "Tidewire", exact: true });
    await brand.focus();
    release();
    const code = tab.page.getByLabel("Code of the game");
    await code.waitFor();
    const focused = () => tab.page.evaluate("document.activeElement.placeholder");
    expect(await focused()).toBeUndefined(); // Not the field.
    await brand.press("Enter");
    await pages.getByRole("link", { name: "Quiz" }).click();
    await expect.poll(focused).toBe("123 456");
  });

  test("a page that there is not says so", async () => {
    const tab = await open("#/nowhere");
    await tab.page.getByRole("heading", { name: "There is no such page" }).waitFor();
    await tab.page.getByRole("link", { name: "Go to the start page" }).click();
    await tab.page.getByRole("heading", { level: 1, name: "Realtime" }).waitFor();
  });

  describe.each([
    ["desktop", "light", desktop],
    ["desktop", "dark", desktop],
    ["phone", "light", phone],
    ["phone", "dark", phone],
  ] as const)("on a %s, %s", (size, colorScheme, options) => {
    test("axe finds nothing serious, and nothing is wider than the window", async () => {
      const tab = await open("", { ...options, colorScheme });
      await figures(tab).getByText("by WebSocket").waitFor();
      await expectAccessible(tab, "start");
      const overflow =
        "document.documentElement.scrollWidth - document.documentElement.clientWidth";
      expect(await tab.page.evaluate(overflow)).toBe(0);
      await tab.page.getByRole("button", { name: "Transport: " }).click();
      await tab.page.getByRole("dialog", { name: "This connection" }).waitFor();
      await expectAccessible(tab, "connection");
      await tab.page.keyboard.press("Escape");
      if (size === "phone") {
        await tab.page.getByRole("button", { name: "Pages" }).click();
        const menu = tab.page.getByRole("dialog", { name: "Pages" });
        await menu.waitFor();
        await expectAccessible(tab, "menu");
        await menu.getByRole("link", { name: "Chat" }).click();
        await tab.page.getByRole("heading", { level: 1, name: "Chat" }).waitFor();
      }
    });
  });
});
