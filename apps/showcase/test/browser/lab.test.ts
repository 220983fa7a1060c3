// The transport lab in real Chromium, over a server in this process, so that it is seen what is left.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Download } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { measureCpuWith } from "../../server/pages/lab/measure-cpu.js";
import { servePage } from "../../server/static-page.js";
import { buildLab } from "../build-showcase.js";
import { eventually } from "../eventually.js";
import { LabScene } from "../lab-scene.js";
import { expectAccessible } from "./expect-accessible.js";
import { desktop, hasChromium, phone, type Tab } from "./open-browser.js";
import { Tabs } from "./tabs.js";

const labels = [
  "Polling",
  "Long polling",
  "HTTP streaming",
  "Server-Sent Events",
  "WebSocket",
] as const;

describe.runIf(hasChromium())("the transport lab", { timeout: 90_000 }, () => {
  let tabs: Tabs;
  let scene: LabScene;

  beforeAll(async () => {
    tabs = await Tabs.build();
    const program = await buildLab(tabs.built.folder);
    scene = await LabScene.open(measureCpuWith(program), servePage(join(tabs.built.folder, "web")));
  }, 60_000);

  afterEach(async () => {
    const complaints = await tabs.close();
    // No page, no links.
    await eventually(() => scene.lab.links.sessions).toBe(0);
    expect(complaints, "console").toEqual([]);
  });

  afterAll(async () => {
    await scene?.close();
    await tabs?.end();
  });

  async function open(options: object = desktop): Promise<Tab> {
    const tab = await tabs.open(`${scene.url}/#/lab`, options);
    await tab.online();
    return tab;
  }

  const start = (tab: Tab) => tab.page.getByRole("button", { name: "Start", exact: true }).click();
  const figures = (tab: Tab) => tab.page.getByRole("region", { name: "Figures" });
  const cells = (tab: Tab, label: string) =>
    figures(tab)
      .getByRole("row")
      .filter({ has: tab.page.getByRole("rowheader", { name: label, exact: true }) })
      .getByRole("cell");
  const messages = async (tab: Tab, label: string) =>
    Number((await cells(tab, label).first().textContent())?.replace(/\D/g, "") || "0");
  const running = (tab: Tab, count: number) =>
    tab.page.getByText(`Running over ${count} connection`).waitFor();

  test("all five push side by side, with figures in every cell, CPU time too", async () => {
    const tab = await open();
    await start(tab);
    await running(tab, 5);
    for (const label of labels) {
      await eventually(() => messages(tab, label)).toBeGreaterThan(20);
    }
    expect(scene.lab.links.sessions).toBe(5);
    expect(await cells(tab, "WebSocket").nth(9).textContent()).toBe("1");
    // A program of its own measures it, one transport after the other.
    for (const label of labels) {
      await eventually(() => cells(tab, label).last().textContent(), 60_000).toMatch(
        /^[\d.]+ (µs|ms)$/,
      );
    }
    for (const name of ["Latency distribution", "Bytes on the wire"]) {
      const words = await tab.page.getByRole("img", { name }).getAttribute("aria-label");
      for (const label of labels) expect(words).toContain(`${label}: `);
    }
    await tab.page.getByRole("button", { name: "Stop" }).click();
    await tab.page.getByText("Stopped. The figures stay.").waitFor();
    await eventually(() => scene.lab.links.sessions).toBe(0);
    expect(await messages(tab, "WebSocket")).toBeGreaterThan(20);
  });

  test("echo, over those that are chosen, by keyboard alone", async () => {
    const tab = await open();
    const { page } = tab;
    await page.getByRole("radio", { name: "Push" }).focus();
    await page.keyboard.press("ArrowRight");
    await page.getByText("The page asks, the server answers.").waitFor();
    await page.getByRole("slider", { name: "Messages" }).focus();
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    await page.getByText("50 per second").waitFor();
    for (const label of labels.slice(0, 3)) {
      await page.getByRole("checkbox", { name: label, exact: true }).focus();
      await page.keyboard.press("Space");
    }
    await page.getByRole("button", { name: "Start", exact: true }).focus();
    await page.keyboard.press("Enter");
    await running(tab, 2);
    await eventually(() => messages(tab, "Server-Sent Events")).toBeGreaterThan(50);
    await eventually(() => messages(tab, "WebSocket")).toBeGreaterThan(50);
    expect(await figures(tab).getByRole("rowheader").count()).toBe(2);
    // Questions over SSE are requests, some together; over a WebSocket there is one in all.
    expect(Number(await cells(tab, "Server-Sent Events").nth(9).textContent())).toBeGreaterThan(5);
    expect(await cells(tab, "WebSocket").nth(9).textContent()).toBe("1");
  });

  test("a change of the settings begins anew, with the same transports", async () => {
    const tab = await open();
    await start(tab);
    await running(tab, 5);
    await eventually(() => messages(tab, "WebSocket")).toBeGreaterThan(30);
    await tab.page.getByRole("slider", { name: "Payload" }).press("Home");
    await tab.page.getByText("0 characters", { exact: true }).waitFor();
    await eventually(() => messages(tab, "WebSocket")).toBeLessThan(20);
    await running(tab, 5);
    await eventually(() => messages(tab, "WebSocket")).toBeGreaterThan(20);
  });

  test("leaving the page stops its links, as closing its tab does", async () => {
    const tab = await open();
    await start(tab);
    await running(tab, 5);
    await eventually(() => scene.lab.links.sessions).toBe(5);
    await tab.page.evaluate("location.hash = '#/nowhere'");
    await tab.page.getByRole("heading", { name: "There is no such page" }).waitFor();
    await eventually(() => scene.lab.links.sessions).toBe(0);

    const other = await open();
    await start(other);
    await running(other, 5);
    await eventually(() => scene.lab.links.sessions).toBe(5);
    await other.close();
    await eventually(() => scene.lab.links.sessions).toBe(0);
  });

  test("the figures as CSV and as a picture", async () => {
    const tab = await open();
    const save = (name: string) => tab.page.getByRole("button", { name, exact: true });
    expect(await save("CSV").isDisabled()).toBe(true);
    await start(tab);
    await running(tab, 5);
    await eventually(() => messages(tab, "WebSocket")).toBeGreaterThan(10);
    const downloaded = async (name: string): Promise<Download> => {
      const download = tab.page.waitForEvent("download");
      await save(name).click();
      return download;
    };
    const csv = await downloaded("CSV");
    expect(csv.suggestedFilename()).toBe("transport-lab.csv");
    const lines = readFileSync(await csv.path(), "utf8")
      .trimEnd()
      .split("\r\n");
    expect(lines[0]).toMatch(/^transport,task,.*bytes_down_per_message/);
    expect(lines.slice(1).map((line) => line.split(",")[0])).toEqual([
      "polling",
      "long-polling",
      "stream",
      "sse",
      "websocket",
    ]);
    const picture = await downloaded("Picture");
    expect(picture.suggestedFilename()).toBe("transport-lab.png");
    const bytes = readFileSync(await picture.path());
    expect(bytes.subarray(1, 4).toString()).toBe("PNG");
    // Its width, from the header of the file.
    expect(bytes.readUInt32BE(16)).toBe(2_560);
    expect(bytes.length).toBeGreaterThan(50_000);
  });

  describe.each([
    ["desktop", "light", desktop],
    ["desktop", "dark", desktop],
    ["phone", "light", phone],
    ["phone", "dark", phone],
  ] as const)("on a %s, %s", (_, colorScheme, options) => {
    test("axe finds nothing serious, and nothing is wider than the window", async () => {
      const tab = await open({ ...options, colorScheme });
      await expectAccessible(tab, "before the start");
      await start(tab);
      await running(tab, 5);
      await eventually(() => messages(tab, "WebSocket")).toBeGreaterThan(5);
      await expectAccessible(tab, "at work");
      const overflow =
        "document.documentElement.scrollWidth - document.documentElement.clientWidth";
      expect(await tab.page.evaluate(overflow)).toBe(0);
      const sideways =
        "document.querySelector('.lab').scrollWidth - document.querySelector('.lab').clientWidth";
      expect(await tab.page.evaluate(sideways)).toBe(0);
    });
  });
});
