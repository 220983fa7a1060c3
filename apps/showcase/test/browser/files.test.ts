// The files page in real Chromium, over a server that runs as a process of its own, and lines that the
// test holds and cuts.
import { createHash } from "node:crypto";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CutProxy } from "../cut-proxy.js";
import { randomBytes } from "../files-scene.js";
import { startShowcase } from "../showcase-process.js";
import { expectAccessible } from "./expect-accessible.js";
import { desktop, hasChromium, phone, type Tab } from "./open-browser.js";
import { Tabs } from "./tabs.js";

const mebibyte = 1_048_576;
// A picture of two by two pixels, red.
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==",
  "base64",
);

describe.runIf(hasChromium())("the files page", { timeout: 90_000 }, () => {
  let tabs: Tabs;
  let server: Awaited<ReturnType<typeof startShowcase>>;
  let proxy: CutProxy;
  let folder: string;

  beforeAll(async () => {
    tabs = await Tabs.build();
    await start();
    proxy = await CutProxy.open(server.port);
  }, 60_000);

  afterEach(async () => {
    proxy.mend();
    expect(await tabs.close({ isOutageExpected: true }), "console").toEqual([]);
  });

  afterAll(async () => {
    await proxy?.close();
    await server?.kill("SIGKILL");
    await tabs?.end();
  });

  async function start(port = 0): Promise<void> {
    folder ??= mkdtempSync(join(tabs.built.folder, "tmp-"));
    server = await startShowcase(tabs.built.entry, { port, env: { TMPDIR: folder } });
  }

  /** What lies on the server's disk. */
  const kept = () => readdirSync(folder).flatMap((name) => readdirSync(join(folder, name)));

  async function enter(
    room: string,
    { url = server.url, options = desktop as object, query = "" } = {},
  ): Promise<Tab> {
    const tab = await tabs.open(`${url}/${query}#/files/${room}`, options);
    await tab.online();
    await tab.page.getByText("Any kind of file").waitFor();
    return tab;
  }

  /** One behind the line that can be cut, and one before it. */
  async function pair(room: string): Promise<[Tab, Tab]> {
    return [await enter(room, { url: proxy.url }), await enter(room)];
  }

  const send = (tab: Tab, ...files: (string | { name: string; buffer: Buffer })[]) =>
    tab.page
      .getByLabel("Files to send")
      .setInputFiles(
        files.map((file) => (typeof file === "string" ? file : { mimeType: "", ...file })) as never,
      );
  const row = (tab: Tab, name: string) => tab.page.getByRole("listitem").filter({ hasText: name });
  const button = (tab: Tab, name: string) => tab.page.getByRole("button", { name, exact: true });
  const bar = (tab: Tab, name: string) => tab.page.getByRole("progressbar", { name, exact: true });
  const bytesOf = async (progress: Locator) => Number(await progress.getAttribute("value"));
  const sees = (tab: Tab, name: string, text: string) =>
    row(tab, name).getByText(text, { exact: true }).waitFor({ timeout: 40_000 });

  /** Bytes of a certain number, and what they must still be when they arrive. */
  function make(bytes: number, seed = 1): { buffer: Buffer; sha256: string } {
    const buffer = Buffer.from(randomBytes(bytes, seed));
    return { buffer, sha256: createHash("sha256").update(buffer).digest("hex") };
  }

  async function download(tab: Tab, name: string, action = `Download ${name}`) {
    const saved = tab.page.waitForEvent("download", { timeout: 40_000 });
    await button(tab, action).click();
    return await saved;
  }

  async function digestOf(saved: Awaited<ReturnType<typeof download>>): Promise<string> {
    return createHash("sha256")
      .update(readFileSync(await saved.path()))
      .digest("hex");
  }

  test("the line is cut in the middle: both see progress, it goes on, and arrives byte by byte the same", async () => {
    const [ada, bob] = await pair("cut");
    const { buffer, sha256 } = make(8 * mebibyte);
    proxy.holdAfter(3 * mebibyte);
    await send(ada, { name: "big.bin", buffer });
    const arriving = bar(bob, "big.bin on its way to the server");
    await expect.poll(() => bytesOf(arriving), { timeout: 20_000 }).toBeGreaterThan(mebibyte);
    await expect.poll(() => bytesOf(bar(ada, "Sending big.bin"))).toBeGreaterThan(mebibyte);
    const saved = download(bob, "big.bin");
    const fetching = bar(bob, "Downloading big.bin");
    await expect.poll(() => bytesOf(fetching)).toBeGreaterThan(mebibyte);
    const before = await bytesOf(bar(ada, "Sending big.bin"));
    proxy.cut();
    await ada.status("Offline");
    await sees(ada, "big.bin", "no connection; it goes on later");
    expect(await bytesOf(bar(ada, "Sending big.bin"))).toBeGreaterThanOrEqual(before);
    expect(await bytesOf(arriving)).toBeLessThan(buffer.length);
    proxy.mend();
    await ada.online();
    await sees(ada, "big.bin", "sent");
    const file = await saved;
    expect(file.suggestedFilename()).toBe("big.bin");
    expect(await digestOf(file)).toBe(sha256);
    await sees(bob, "big.bin", "received");
    for (const tab of [ada, bob]) {
      await sees(tab, "big.bin", "the same on both sides");
      await row(tab, "big.bin").locator("summary").click();
      await expect
        .poll(() => row(tab, "big.bin").locator("dd").allTextContents())
        .toEqual([sha256, sha256]);
    }
    // It was one session all the time, not another attempt.
    await ada.page.getByRole("button", { name: "Transport: " }).click();
    await ada.page.getByText("resumed: nothing was lost").waitFor();
  });

  test("pause holds it on both sides, resume goes on, cancel leaves nothing", async () => {
    const [ada, bob] = await pair("pause");
    const { buffer, sha256 } = make(12 * mebibyte, 2);
    proxy.holdAfter(mebibyte);
    await send(ada, { name: "long.bin", buffer });
    const arriving = bar(bob, "long.bin on its way to the server");
    await expect.poll(() => bytesOf(arriving), { timeout: 20_000 }).toBeGreaterThan(100_000);
    await button(ada, "Pause long.bin").click();
    proxy.release();
    await sees(ada, "long.bin", "paused");
    await sees(bob, "long.bin", "paused by its sender");
    expect(await bytesOf(arriving)).toBeLessThan(buffer.length);
    expect(await ada.page.evaluate("document.activeElement.ariaLabel")).toBe("Resume long.bin");
    const saved = download(bob, "long.bin");
    await ada.page.keyboard.press("Enter");
    await sees(ada, "long.bin", "sent");
    expect(await digestOf(await saved)).toBe(sha256);

    const before = kept().length;
    proxy.holdAfter(mebibyte);
    await send(ada, { name: "away.bin", buffer });
    await row(bob, "away.bin").waitFor();
    await button(ada, "Cancel away.bin").click();
    await row(ada, "away.bin").waitFor({ state: "detached" });
    proxy.release();
    await row(bob, "away.bin").waitFor({ state: "detached" });
    await expect.poll(() => kept().length).toBe(before);
  });

  test("limits are named with the value that is over them, before a byte is sent", async () => {
    const [ada, bob] = await pair("limits");
    const path = join(tabs.built.folder, "disk.iso");
    writeFileSync(path, "");
    truncateSync(path, 1_024 * mebibyte);
    await send(ada, path);
    await sees(ada, "disk.iso", "“disk.iso” has 1 GiB; the limit per file is 100 MiB.");
    const files = Array.from({ length: 21 }, (_, number) => ({
      name: `${number}.txt`,
      buffer: Buffer.from(`number ${number}`),
    }));
    await send(ada, ...files);
    const reason = "You have 20 files here; the limit per visitor is 20. Remove one first.";
    await row(ada, reason).waitFor();
    await expect.poll(() => row(ada, "sent").count()).toBe(20);
    expect(await row(ada, reason).count()).toBe(1);
    await expect.poll(() => bob.page.getByRole("button", { name: "Download" }).count()).toBe(20);
    expect(await row(bob, "disk.iso").count()).toBe(0);
    await button(ada, "Remove 0.txt").click();
    await row(bob, "0.txt").filter({ hasNotText: "10.txt" }).waitFor({ state: "detached" });
    await button(ada, "Send 20.txt again").click();
    await sees(ada, "20.txt", "sent");
  });

  test("several at once, equal names, an empty one, and over long polling", async () => {
    const ada = await enter("several");
    const bob = await enter("several", { query: "?transports=long-polling" });
    const files = [1, 2, 3, 4].map((seed) => ({ name: "same.bin", ...make(400_000, seed) }));
    await send(ada, ...files, { name: "empty.txt", buffer: Buffer.alloc(0) });
    await expect.poll(() => row(bob, "Download").count(), { timeout: 20_000 }).toBe(5);
    const saved: string[] = [];
    bob.page.on("download", async (one) => saved.push(await digestOf(one)));
    const buttons = bob.page.getByRole("button", { name: /^Download/ });
    for (let left = 5; left > 0; left -= 1) {
      await buttons.first().click();
      await expect.poll(() => buttons.count()).toBe(left - 1);
    }
    const expected = [...files.map(({ sha256 }) => sha256), make(0).sha256];
    await expect.poll(() => saved.toSorted(), { timeout: 30_000 }).toEqual(expected.toSorted());
  });

  test("the file is changed while it is read: that is said, and no one gets half of it", async () => {
    const [ada, bob] = await pair("changed");
    const path = join(tabs.built.folder, "changing.log");
    writeFileSync(path, make(12 * mebibyte, 3).buffer);
    proxy.holdAfter(mebibyte);
    await send(ada, path);
    await row(bob, "changing.log").waitFor();
    // No more than the server's credit has been read by now: a third of it.
    appendFileSync(path, "one more line");
    proxy.release();
    await ada.page
      .getByText("it was changed, moved or removed after it was chosen")
      .first()
      .waitFor();
    await row(bob, "changing.log").waitFor({ state: "detached" });
    await button(ada, "Dismiss changing.log").click();
    await row(ada, "changing.log").waitFor({ state: "detached" });
  });

  test("the server is killed and restarted: that is said, nothing of it is left, and it is sent again", async () => {
    const [ada, bob] = await pair("killed");
    const { buffer, sha256 } = make(6 * mebibyte, 4);
    proxy.holdAfter(mebibyte);
    await send(ada, { name: "again.bin", buffer });
    await row(bob, "again.bin").waitFor();
    const left = readdirSync(folder);
    expect(left).toHaveLength(1);
    await server.kill("SIGKILL");
    proxy.mend();
    await ada.status("Offline");
    await start(server.port);
    expect(readdirSync(folder)).toEqual([]);
    await Promise.all([ada.online(), bob.online()]);
    await ada.page.getByText("The server does not know this transfer any more").first().waitFor();
    await row(bob, "again.bin").waitFor({ state: "detached" });
    await button(ada, "Send again.bin again").click();
    await sees(ada, "again.bin", "sent");
    expect(await digestOf(await download(bob, "again.bin"))).toBe(sha256);
    // The other half of it: a server that is told to go leaves nothing.
    await server.kill("SIGTERM");
    expect(readdirSync(folder)).toEqual([]);
    await start(server.port);
  });

  test("dropped on the page: files are sent, folders are not, whatever their names", async () => {
    const tab = await enter("dropped");
    const name = "<img src=x onerror=alert(1)>.txt";
    mkdirSync(join(tabs.built.folder, "holiday"));
    writeFileSync(join(tabs.built.folder, name), "harmless");
    const cdp = await tab.page.context().newCDPSession(tab.page);
    const drag = (type: "dragEnter" | "dragOver" | "drop") =>
      cdp.send("Input.dispatchDragEvent", {
        type,
        x: 300,
        y: 600,
        data: {
          items: [],
          files: [join(tabs.built.folder, name), join(tabs.built.folder, "holiday")],
          dragOperationsMask: 1,
        },
      });
    await drag("dragEnter");
    await drag("dragOver");
    await tab.page.getByText("Let go to send").waitFor();
    await drag("drop");
    await sees(tab, ".txt", "sent");
    await tab.page.getByText("“holiday” is a folder: only files are taken.").waitFor();
    expect(await tab.page.locator(".drops img").count()).toBe(0);
    expect(await tab.page.getByText("Let go to send").count()).toBe(0);
    const other = await enter("dropped");
    const shown = "_img src=x onerror=alert(1)_.txt";
    expect((await download(other, shown)).suggestedFilename()).toBe(shown);
  });

  test("pictures are previewed from their own bytes; documents that call themselves pictures are not", async () => {
    const [ada, bob] = await pair("pictures");
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg"><script>document.title="broken"</script></svg>';
    await send(
      ada,
      { name: "red.png", buffer: png },
      { name: "drawing.svg", buffer: Buffer.from(svg) },
      { name: "page.png", buffer: Buffer.from("<script>alert(1)</script>") },
    );
    await ada.page.getByRole("img", { name: "Preview of red.png" }).waitFor();
    for (const name of ["red.png", "drawing.svg", "page.png"]) await download(bob, name);
    await bob.page.getByRole("img", { name: "Preview of red.png" }).waitFor();
    for (const tab of [ada, bob]) {
      expect(await tab.page.getByRole("img", { name: "Preview of" }).count()).toBe(1);
      expect(await tab.page.title()).toBe("Files · Tidewire");
    }
  });

  test("files of this tab are still its own after a reload, and a transfer is not left without asking", async () => {
    const tab = await enter("reload", { url: proxy.url });
    await send(tab, { name: "mine.txt", buffer: Buffer.from("mine") });
    await sees(tab, "mine.txt", "sent");
    await tab.page.reload();
    await button(tab, "Remove mine.txt").waitFor();
    proxy.holdAfter(100_000);
    await send(tab, { name: "slow.bin", ...make(mebibyte) });
    await row(tab, "slow.bin").waitFor();
    const asked = tab.page.waitForEvent("dialog");
    await tab.page.evaluate("void setTimeout(() => location.reload())");
    const dialog = await asked;
    expect(dialog.type()).toBe("beforeunload");
    await dialog.dismiss();
    proxy.release();
    await sees(tab, "slow.bin", "sent");
    // It goes on while one looks at another page.
    await tab.page.getByRole("link", { name: "Chat" }).click();
    await tab.page.getByRole("link", { name: "Files" }).click();
    await tab.page.evaluate("location.hash = '#/files/reload'");
    await row(tab, "slow.bin").waitFor();
  });

  test("everything is within the keyboard's reach", async () => {
    const tab = await enter("keys");
    // Before anything else is asked of the browser, which has to be told first.
    const chooser = tab.page.waitForEvent("filechooser");
    await button(tab, "Choose files").focus();
    await tab.page.keyboard.press("Enter");
    await (await chooser).setFiles([{ name: "key.txt", mimeType: "", buffer: Buffer.from("k") }]);
    await sees(tab, "key.txt", "sent");
    await tab.page
      .getByRole("status", { name: "Transfers" })
      .getByText("key.txt was sent.")
      .waitFor();
    const focused = () =>
      tab.page.evaluate<string>(
        "document.activeElement.ariaLabel ?? document.activeElement.textContent",
      );
    await button(tab, "Choose files").focus();
    await tab.page.keyboard.press("Tab");
    await expect.poll(focused).toBe("Remove key.txt");
    await tab.page.keyboard.press("Tab");
    await expect.poll(focused).toContain("SHA-256");
    await tab.page.keyboard.press("Enter");
    await row(tab, "key.txt").getByText("Server").waitFor();
    await tab.page.keyboard.press("Shift+Tab");
    await tab.page.keyboard.press("Enter");
    await row(tab, "key.txt").waitFor({ state: "detached" });
  });

  describe.each([
    ["desktop", "light", desktop],
    ["desktop", "dark", desktop],
    ["phone", "light", phone],
    ["phone", "dark", phone],
  ] as const)("on a %s, %s", (size, colorScheme, options) => {
    test("axe finds nothing serious, and nothing is wider than the window", async () => {
      const room = `axe-${size}-${colorScheme}`;
      const ada = await enter(room, { url: proxy.url, options: { ...options, colorScheme } });
      const bob = await enter(room, { options: { ...options, colorScheme } });
      const everywhere = async (screen: string) => {
        for (const [who, tab] of [
          ["sender", ada],
          ["receiver", bob],
        ] as const) {
          await expectAccessible(tab, `${screen}, ${who}`);
          const overflow =
            "document.documentElement.scrollWidth - document.documentElement.clientWidth";
          expect(await tab.page.evaluate(overflow), `${screen}, ${who}`).toBe(0);
        }
      };
      await everywhere("empty");
      await send(ada, { name: "red.png", buffer: png });
      await sees(ada, "red.png", "sent");
      await download(bob, "red.png");
      proxy.holdAfter(mebibyte);
      const long = `${"a-very-long-name-without-a-break".repeat(4)}.bin`;
      await send(ada, { name: long, ...make(3 * mebibyte) }, { name: "next.bin", ...make(1_000) });
      const arriving = bar(bob, `${long} on its way to the server`);
      await expect.poll(() => bytesOf(arriving), { timeout: 20_000 }).toBeGreaterThan(100_000);
      await button(bob, `Download ${long}`).click();
      await bar(bob, `Downloading ${long}`).waitFor();
      await row(bob, "red.png").locator("summary").click();
      await everywhere("under way");
      proxy.cut();
      await ada.status("Offline");
      await everywhere("offline");
      proxy.mend();
      await ada.online();
      await sees(ada, long, "sent");
    });
  });
});
