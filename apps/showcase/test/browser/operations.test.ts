// The operations page in real Chromium, over the showcase as a process: its console is a part of it.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startShowcase } from "../showcase-process.js";
import { expectAccessible } from "./expect-accessible.js";
import { desktop, hasChromium, phone, type Tab } from "./open-browser.js";
import { Tabs } from "./tabs.js";

describe.runIf(hasChromium())("operations", { timeout: 90_000 }, () => {
  let tabs: Tabs;
  let server: Awaited<ReturnType<typeof startShowcase>>;

  beforeAll(async () => {
    tabs = await Tabs.build();
  }, 60_000);

  beforeEach(async () => {
    server = await startShowcase(tabs.built.entry);
  });

  afterEach(async () => {
    const complaints = await tabs.close();
    await server.kill("SIGKILL");
    expect(complaints, "console").toEqual([]);
  });

  afterAll(async () => {
    await tabs?.end();
  });

  function open(url: string, options: object = desktop): Promise<Tab> {
    return tabs.open(url, options);
  }

  const printedLink = () => /operations:\s+(http\S+)/.exec(server.output())?.[1] ?? "";
  const printedToken = () => printedLink().split("/").at(-1) ?? "";

  /** By the printed link. */
  async function operator(options: object = desktop): Promise<Tab> {
    const tab = await open(printedLink(), options);
    await opened(tab);
    return tab;
  }

  const opened = (tab: Tab) => tab.page.getByText("Live, once a second").waitFor();
  const door = (tab: Tab) => tab.page.getByLabel("Operations token").waitFor();
  const unlock = async (tab: Tab, token: string) => {
    await tab.page.getByLabel("Operations token").fill(token);
    await tab.page.keyboard.press("Enter");
  };
  const chart = (tab: Tab, name: string) => tab.page.getByRole("img", { name: `${name}: ` });
  const says = (tab: Tab, name: string) => chart(tab, name).getAttribute("aria-label");
  const dialog = (tab: Tab, name: string) => tab.page.getByRole("dialog", { name });
  const find = (tab: Tab, text: string) =>
    tab.page.getByRole("searchbox", { name: "Find sessions" }).fill(text);
  const looks = (tab: Tab) => tab.page.getByRole("button", { name: "Look into session" });

  test("the printed link opens it; the token is never in an address after that, nor in a request", async () => {
    const tab = await open(server.url);
    const requested: string[] = [];
    tab.page.on("request", (request) => requested.push(request.url()));
    const token = printedToken();
    expect(token).toMatch(/^[\w-]{32}$/);
    await tab.page.goto(printedLink());
    await opened(tab);
    expect(tab.page.url()).toBe(`${server.url}/#/operations`);
    await tab.page.reload();
    await opened(tab);
    expect(requested.length).toBeGreaterThan(2);
    for (const url of requested) expect(url.split("#")[0]).not.toContain(token);
    expect(server.output().split(token)).toHaveLength(2); // The link alone.
    await tab.page.goBack();
    expect(tab.page.url()).not.toContain(token);
  });

  test("the pasted token opens it, a wrong one does not and is told; locked, it is shut again", async () => {
    const tab = await open(`${server.url}/#/operations`);
    await door(tab);
    await tab.page.getByRole("button", { name: "Open" }).click();
    await tab.page.getByText("Paste the token first.").waitFor();
    await unlock(tab, "not-the-token-at-all");
    await tab.page.getByText("This is not the token that the server printed.").waitFor();
    await unlock(tab, "x".repeat(300));
    await tab.page.getByText("A token has at most 256 characters.").waitFor();
    await unlock(tab, ` ${printedToken()} `);
    await opened(tab);
    await tab.page.getByRole("button", { name: "Lock" }).click();
    await door(tab);
    await tab.page.reload();
    await door(tab);
    const tries = async () => {
      await unlock(tab, "wrong");
      return tab.page.getByText(/Too many wrong tokens\. Try again in \d+ s\./).count();
    };
    await expect.poll(tries, { timeout: 15_000 }).toBe(1);
  });

  test("the charts are live, and a fresh page has their past; paused, they stand still", async () => {
    const tab = await operator();
    await expect.poll(() => tab.page.getByRole("img").count()).toBe(12);
    await expect.poll(() => says(tab, "Connections")).toContain("1 now");
    const other = await open(`${server.url}/?transports=sse#/chat`);
    await other.online();
    await expect.poll(() => says(tab, "Connections")).toMatch(/2 now;.*WebSocket 1, SSE 1/);
    await expect.poll(() => says(tab, "Memory")).toMatch(/resident \d+ MiB/);
    await expect.poll(() => says(tab, "Event-loop delay")).toMatch(/p99 [\d.]+ ms/);
    await expect.poll(() => says(tab, "Handlers")).toMatch(/min [\d.]+ ms/);
    await tab.page.getByRole("button", { name: "Pause" }).click();
    await tab.page.getByText("Paused").waitFor();
    const before = await says(tab, "Connections");
    await other.close();
    const fresh = await operator();
    await expect.poll(() => says(fresh, "Connections")).toContain("max 2");
    expect(await says(tab, "Connections")).toBe(before);
    await tab.page.getByRole("button", { name: "Pause" }).click();
    await expect.poll(() => says(tab, "Connections")).toContain("SSE 0");
  });

  test("another's session is found by its room, looked into and ended; its page says so and can return", async () => {
    const tab = await operator();
    const other = await tabs.enter(server.url, "<b>Eve</b>", desktop);
    const room = "<i>odd</i> room";
    const rooms = other.page.getByRole("complementary", { name: "Rooms" });
    await rooms.getByRole("textbox", { name: "Create or join a room" }).fill(room);
    await other.page.keyboard.press("Enter");
    await other.write("nobody else's business", room);
    await find(tab, "<I>odd");
    await tab.page.getByText("1 of 2").waitFor();
    await looks(tab).focus();
    await tab.page.keyboard.press("Enter");
    const look = dialog(tab, "Session");
    await look.getByText("<i>odd</i> room").waitFor();
    await look.getByText("chat.say").waitFor();
    await look.getByText(/linked for \d+ s by WebSocket/).waitFor();
    expect(await look.textContent()).not.toContain("nobody else's business");
    const id = (await look.locator("code").first().textContent()) ?? "";
    await look.getByRole("button", { name: "Disconnect…" }).click();
    await look.getByText("does not come back by itself").waitFor();
    await tab.page.keyboard.press("Enter"); // The focus is on what ends nothing.
    await look.getByRole("button", { name: "Disconnect…" }).click();
    await look.getByRole("button", { name: "Disconnect now" }).click();
    await look.getByText("This session is over.").waitFor();
    await tab.page.keyboard.press("Escape");
    await tab.page.getByText("None of 1 has that").waitFor();
    await other.status("Closed");
    await other.page.getByText("Whoever runs this server has ended this session.").waitFor();
    expect(server.output()).toMatch(new RegExp(`operations: session ${id} \\(.*disconnected by`));
    await other.page.getByRole("button", { name: "Reload" }).click();
    await other.online();
    await other.page.getByRole("heading", { level: 1, name: "odd" }).waitFor();
  });

  test("drained: all are let go, this page last; after a restart it wants the new token", async () => {
    const tab = await operator();
    const other = await open(`${server.url}/#/chat`);
    await other.online();
    await tab.page.getByRole("button", { name: "Drain…" }).click();
    const form = dialog(tab, "Drain this server");
    await form.getByLabel("5 s").check();
    expect(await form.getByRole("button", { name: "Drain now" }).isDisabled()).toBe(true);
    await form.getByLabel("Type drain to confirm").fill("drain");
    await tab.page.keyboard.press("Enter");
    await tab.page.getByText(/[01] of 2 links are let go, over 5 s/).waitFor();
    await other.status("Offline");
    await tab.page.getByText("This page was let go as one of the last: of 2 links").waitFor();
    await server.waitFor(/operations: drained: no link is left/);
    const { port } = server;
    await server.kill("SIGINT");
    server = await startShowcase(tabs.built.entry, { port });
    await tab.online();
    await tab.page.getByText("The server was started again since").waitFor();
    await unlock(tab, printedToken());
    await opened(tab);
    await other.online();
    // The browser reports the attempts in between.
    for (const { complaints } of [tab, other]) complaints.length = 0;
  });

  test("a chosen token is not printed", async () => {
    await server.kill("SIGKILL");
    const token = "chosen-by-the-operator";
    server = await startShowcase(tabs.built.entry, { env: { TIDEWIRE_OPERATIONS_TOKEN: token } });
    expect(server.output()).not.toContain(token);
    const tab = await open(`${server.url}/#/operations`);
    await unlock(tab, token);
    await opened(tab);
    expect(server.output()).not.toContain(token);
  });

  test.each([390, 770, 900, 1_050, 1_060, 1_280])(
    "in a window of %d px all pages are within reach, and nothing is cut",
    async (width) => {
      const tab = await open(`${server.url}/?transports=sse`, {
        viewport: { width, height: 800 },
      });
      await tab.online();
      const menu = tab.page.getByRole("button", { name: "Pages" });
      if (await menu.isVisible()) await menu.click();
      const pages = tab.page.getByRole("navigation", { name: "Pages" });
      expect(await pages.getByRole("link").count()).toBe(7);
      const sideways =
        "['.shell-header', 'nav.pages'].map((at) => document.querySelector(at)).map((e) => e.scrollWidth - e.clientWidth)";
      expect(await tab.page.evaluate(sideways)).toEqual([0, 0]);
      await pages.getByRole("link", { name: "Operations" }).click();
      await door(tab);
    },
  );

  describe.each([
    ["desktop", "light", desktop],
    ["desktop", "dark", desktop],
    ["phone", "light", phone],
    ["phone", "dark", phone],
  ] as const)("on a %s, %s", (_, colorScheme, options) => {
    test("axe finds nothing serious, and nothing is wider than the window", async () => {
      const tab = await open(`${server.url}/#/operations`, { ...options, colorScheme });
      await unlock(tab, "wrong");
      await tab.page.getByText("This is not the token").waitFor();
      await expectAccessible(tab, "door");
      await unlock(tab, printedToken());
      await opened(tab);
      await looks(tab).first().waitFor();
      await expectAccessible(tab, "board");
      const overflow =
        "['html', '.ops'].map((at) => document.querySelector(at)).map((e) => e.scrollWidth - e.clientWidth)";
      expect(await tab.page.evaluate(overflow)).toEqual([0, 0]);
      await looks(tab).first().click();
      await dialog(tab, "Session").getByRole("button", { name: "Disconnect…" }).click();
      await expectAccessible(tab, "look");
      await tab.page.keyboard.press("Escape");
      await tab.page.getByRole("button", { name: "Drain…" }).click();
      await dialog(tab, "Drain this server").waitFor();
      await expectAccessible(tab, "drain");
    });
  });
});
