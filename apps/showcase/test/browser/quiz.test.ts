// The quiz in real Chromium: a host at a desk, players on phones.
import { encode } from "uqr";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { lanHosts } from "../../server/lan-hosts.js";
import { defaultSet } from "../../shared/quiz/default-set.js";
import type { QuestionSet } from "../../shared/quiz/question-set.js";
import { writeSetFile } from "../../shared/quiz/set-file.js";
import { CutProxy } from "../cut-proxy.js";
import { makeSet } from "../quiz-scene.js";
import { startShowcase } from "../showcase-process.js";
import { expectAccessible } from "./expect-accessible.js";
import { desktop, hasChromium, phone, type Tab } from "./open-browser.js";
import { Tabs } from "./tabs.js";

type Server = Awaited<ReturnType<typeof startShowcase>>;

/** A folder for pictures of what is looked at. */
const { TIDEWIRE_SHOTS: shots, TIDEWIRE_SLOW } = process.env;
const isSlow = TIDEWIRE_SLOW === "1";

/** Of the game in which every screen is looked at. */
const questionCount = 3;

describe.runIf(hasChromium())("the quiz page", { timeout: 120_000 }, () => {
  let tabs: Tabs;
  let server: Server;

  beforeAll(async () => {
    tabs = await Tabs.build();
    server = await startShowcase(tabs.built.entry, { args: ["--host", "0.0.0.0"] });
  }, 60_000);

  afterEach(async () => {
    expect(await tabs.close({ isOutageExpected: true }), "console").toEqual([]);
  });

  afterAll(async () => {
    await server?.kill("SIGKILL");
    await tabs?.end();
  });

  async function open(path: string, options: object): Promise<Tab> {
    const tab = await tabs.open(`${server.url}/#/quiz${path}`, options);
    await tab.online();
    return tab;
  }

  async function shot(tab: Tab, name: string): Promise<void> {
    if (shots !== undefined) await tab.page.screenshot({ path: `${shots}/${name}.png` });
  }

  const main = (tab: Tab) => tab.page.getByRole("main");

  /** Imports a set of quick questions, and opens a lobby with them. */
  async function host(options: object, questions = 2, seconds = 60): Promise<[Tab, string]> {
    const tab = await open("/host", options);
    await importSet(tab, { ...makeSet(questions, seconds), title: "Quick" });
    await tab.page.getByRole("button", { name: "Open the lobby" }).click();
    return [tab, await codeOf(tab)];
  }

  async function importSet(tab: Tab, set: QuestionSet): Promise<void> {
    await tab.page.getByLabel("Import").setInputFiles({
      name: "set.json",
      mimeType: "application/json",
      buffer: Buffer.from(writeSetFile(set)),
    });
    await tab.page.getByText(`${set.questions.length} questions from set.json`).waitFor();
  }

  async function codeOf(tab: Tab): Promise<string> {
    const label = await tab.page.getByRole("img", { name: /^Code / }).getAttribute("aria-label");
    return (label ?? "").replace(/\D/g, "");
  }

  async function join(code: string, nickname: string, options: object = phone): Promise<Tab> {
    const tab = await open(`/${code}`, options);
    await tab.page.getByLabel("Nickname").fill(nickname);
    await tab.page.getByRole("button", { name: "Join" }).click();
    await tab.page.getByText("You are in!").waitFor();
    return tab;
  }

  const press = (tab: Tab, name: string) =>
    tab.page.getByRole("button", { name, exact: true }).click();

  /** Waits until it can be pressed. */
  const answer = (tab: Tab, text: string) =>
    tab.page.getByRole("button", { name: text }).and(tab.page.locator(":enabled")).click();

  test("a game from the lobby to the podium, on two phones", async () => {
    const [screen, code] = await host(desktop);
    const [ada, bob] = [await join(code, "Ada"), await join(code, "Bob")];
    await screen.page.getByText("2 in").waitFor();
    await press(screen, "Start");
    for (const [number, bobs] of [
      ["1", "Yes"],
      ["2", "No"],
    ] as const) {
      await main(ada).getByText(`Question ${number} of 2`).first().waitFor();
      await answer(ada, "Yes");
      await ada.page.getByText("is in, after").waitFor();
      await main(screen).getByText("1 of 2 have answered").waitFor();
      await answer(bob, bobs);
      await ada.page.getByText("Right!").waitFor();
      await bob.page.getByText(bobs === "Yes" ? "Right!" : "Not this time").waitFor();
      await screen.page.getByText("✓ Right").waitFor();
      if (number === "1") {
        await press(screen, "Scoreboard");
        await screen.page.getByRole("row", { name: "Ada" }).waitFor();
        await press(screen, "Next question");
      }
    }
    await ada.page.getByText("2 in a row").waitFor();
    await bob.page.getByText("behind Ada").waitFor();
    await press(screen, "To the podium");
    await ada.page.getByText("1st of 2").waitFor();
    await bob.page.getByText("2nd of 2").waitFor();
    const download = screen.page.waitForEvent("download");
    await press(screen, "Save all results");
    expect((await download).suggestedFilename()).toBe("quick.csv");
    await press(bob, "Done");
    await bob.page.getByRole("button", { name: "Join" }).waitFor();
    await screen.page.getByRole("list").getByText("Bob").waitFor();
    await press(screen, "New game");
    await screen.page.getByRole("heading", { name: "Host a game" }).waitFor();
    await ada.page.getByText("The host has ended the game.").waitFor();
  });

  test("both may reload in the midst of a question, and nothing is lost", async () => {
    const [screen, code] = await host(desktop);
    const [ada, bob] = [await join(code, "Ada"), await join(code, "Bob")];
    await press(screen, "Start");
    await answer(ada, "Yes");
    await ada.page.getByText("is in, after").waitFor();
    await ada.page.reload();
    await ada.page.getByText("is in, after").waitFor();
    expect(await ada.page.getByRole("button", { name: "Yes" }).getAttribute("aria-pressed")).toBe(
      "true",
    );
    await screen.page.reload();
    await main(screen).getByText("1 of 2 have answered").waitFor();
    await answer(bob, "No");
    await screen.page.getByText("✓ Right").waitFor();
    await ada.page.getByText("Right!").waitFor();
    await ada.page.reload();
    await ada.page.getByText("Right!").waitFor();
    await ada.page.getByText("1st of 2").waitFor();
    await ada.close();
    await press(screen, "Scoreboard");
    await press(screen, "Next question");
    await main(bob).getByText("Question 2 of 2").first().waitFor();
  });

  test("another tab of the browser may go on with the place, or be somebody else", async () => {
    const [screen, code] = await host(desktop);
    const ada = await join(code, "Ada");
    const other = await ada.page.context().newPage();
    await other.goto(`${server.url}/#/quiz/${code}`);
    await other.getByRole("button", { name: `Go on as Ada in game ${code}` }).click();
    await other.getByText("You are in!").waitFor();
    await ada.page.getByText("You play on in another tab").waitFor();
    await ada.page.getByLabel("Nickname").fill("ADA");
    await press(ada, "Join");
    await ada.page.getByText("has that nickname already").waitFor();
    await ada.page.getByLabel("Nickname").fill("Grace");
    await press(ada, "Join");
    await ada.page.getByText("You are in!").waitFor();
    await screen.page.getByText("2 in").waitFor();
    await screen.page.getByRole("button", { name: "Remove Grace from the game" }).click();
    await ada.page.getByText("The host has removed you from the game.").waitFor();
    await screen.page.getByText("1 in").waitFor();
  });

  test("a player who is cut off during a question is back with score and answer", async () => {
    const line = await CutProxy.open(server.port);
    try {
      const [screen, code] = await host(desktop);
      const ada = await tabs.open(`${line.url}/#/quiz/${code}`, phone);
      await ada.page.getByLabel("Nickname").fill("Ada");
      await press(ada, "Join");
      await ada.page.getByText("You are in!").waitFor();
      const bob = await join(code, "Bob");
      await press(screen, "Start");
      await answer(bob, "Yes");
      await answer(ada, "Yes");
      await ada.page.getByText("1st of 2").or(ada.page.getByText("2nd of 2")).waitFor();
      const score = await ada.page.locator(".player-header .score").textContent();
      await press(screen, "Scoreboard");
      await press(screen, "Next question");
      await main(ada).getByText("Question 2 of 2").first().waitFor();
      line.cut();
      await ada.status("Offline");
      await answer(ada, "Yes");
      await ada.page.getByText("No connection: your answer is sent when it is back.").waitFor();
      // Long enough for every kind of failed attempt; else as short as the page notices.
      if (isSlow) await ada.page.waitForTimeout(20_000);
      line.mend();
      await ada.online();
      await ada.page.getByText("is in, after").waitFor();
      expect(await ada.page.locator(".player-header .score").textContent()).toBe(score);
      await main(screen).getByText("1 of 2 have answered").waitFor();
      await answer(bob, "Yes");
      await ada.page.getByText("2 in a row").waitFor();
    } finally {
      await line.close();
    }
  });

  test("the server is restarted between two games: pages go on without a reload", async () => {
    const [screen, code] = await host(desktop);
    const ada = await join(code, "Ada");
    await server.kill("SIGKILL");
    await ada.status("Offline");
    server = await startShowcase(tabs.built.entry, {
      port: server.port,
      args: ["--host", "0.0.0.0"],
    });
    await Promise.all([screen.online(), ada.online()]);
    await screen.page.getByText("The game is gone").waitFor();
    await ada.page.getByText("The game is gone").waitFor();
    await press(screen, "Open the lobby");
    const next = await codeOf(screen);
    await ada.page.getByLabel("Code of the game").fill(next);
    await press(ada, "Join");
    await ada.page.getByText("You are in!").waitFor();
    await screen.page.getByText("1 in").waitFor();
    await press(screen, "Start");
    await answer(ada, "Yes");
    await ada.page.getByText("Right!").waitFor();
  });

  test("time runs out: the server closes the question, and who did not answer is told", async () => {
    const [screen, code] = await host(desktop, 1, 5);
    const [ada, bob] = [await join(code, "Ada"), await join(code, "Bob")];
    await press(screen, "Start");
    await answer(ada, "Yes");
    await bob.page.getByText("No answer in time").waitFor();
    await ada.page.getByText("Right!").waitFor();
    await main(screen).getByText("1 of 2 have answered").waitFor();
  });

  test("the questions: edit, check, export, import, and files that are none", async () => {
    const tab = await open("/host", desktop);
    const { page } = tab;
    await page.getByRole("button", { name: "Add a question" }).click();
    await page.getByText("Question 13: The text is empty.").waitFor();
    expect(await page.getByRole("button", { name: "Open the lobby" }).isDisabled()).toBe(true);
    await page.getByLabel("Question", { exact: true }).fill("Is this a question?");
    for (const letter of ["A", "B", "C", "D"]) {
      await page.getByRole("textbox", { name: `Answer ${letter}` }).fill(`Answer ${letter}`);
    }
    await page.getByText("Before this can be played").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Move up" }).click();
    const exported = page.waitForEvent("download");
    await press(tab, "Export");
    const file = await (await exported).path();
    await press(tab, "Reset");
    await page.getByText("Is this a question?").waitFor({ state: "detached" });
    await page.getByLabel("Import").setInputFiles({
      name: "bad.json",
      mimeType: "application/json",
      buffer: Buffer.from(
        '{"format":"tidewire-quiz","version":1,"title":"x","questions":[{"text":"y"}]}',
      ),
    });
    await page.getByRole("dialog").getByText("Question 1: “answers” is missing.").waitFor();
    await shot(tab, "import-error");
    await expectAccessible(tab, "import");
    await page.keyboard.press("Escape");
    await page.getByLabel("Import").setInputFiles(file);
    await page.getByText("13 questions from").waitFor();
    await page.reload();
    await page.getByText("Is this a question?").waitFor();
  });

  test("a server that phones cannot reach says so instead of drawing a code that leads nowhere", async () => {
    const local = await startShowcase(tabs.built.entry);
    try {
      const tab = await tabs.open(`${local.url}/#/quiz/host`, desktop);
      await press(tab, "Open the lobby");
      await tab.page.getByText("npm start -- --host 0.0.0.0").waitFor();
      expect(await tab.page.locator(".qr-code").count()).toBe(0);
      await expectAccessible(tab, "unreachable");
      await shot(tab, "unreachable");
    } finally {
      await local.kill("SIGKILL");
    }
  });

  test.runIf(lanHosts().length > 0)(
    "the code leads to the address that the network knows, square by square",
    async () => {
      const [screen, code] = await host(desktop);
      const drawn = screen.page.locator(".qr-code");
      const url = ((await drawn.getAttribute("aria-label")) ?? "").replace("QR code of ", "");
      const { hostname, port, hash } = new URL(url);
      expect(lanHosts()).toContain(hostname);
      expect([port, hash]).toEqual([`${server.port}`, `#/quiz/${code}`]);
      const { data } = encode(url, { ecc: "M", border: 4 });
      const squares = data.map((row) => row.map(() => false));
      const path = await drawn.locator("path").getAttribute("d");
      for (const [, x, y, length] of path?.matchAll(/M(\d+) (\d+)h(\d+)v1H\1z/g) ?? []) {
        squares[Number(y)]?.fill(true, Number(x), Number(x) + Number(length));
      }
      expect(squares).toEqual(data);
    },
  );

  test("a game can be played and hosted by keyboard alone", async () => {
    const screen = await open("/host", desktop);
    await screen.page.getByRole("button", { name: "Open the lobby" }).focus();
    await screen.page.keyboard.press("Enter");
    const code = await codeOf(screen);
    const ada = await open(`/${code}`, desktop);
    await ada.page.getByLabel("Nickname").and(ada.page.locator(":focus")).waitFor();
    await ada.page.keyboard.type("Ada");
    await ada.page.keyboard.press("Enter");
    await ada.page.getByText("You are in!").waitFor();
    await screen.page.getByText("1 in").waitFor();
    await screen.page.getByRole("button", { name: "Start" }).focus();
    await screen.page.keyboard.press("Enter");
    const open1 = ada.page.locator("button.answer:enabled").first();
    await open1.waitFor();
    await open1.focus();
    await ada.page.keyboard.press("Enter");
    await screen.page.getByText("✓ Right").first().waitFor();
    // The button stays the same, so the focus is still there.
    await screen.page.keyboard.press("Enter");
    await screen.page.getByRole("heading", { name: "Scoreboard" }).waitFor();
    await screen.page.keyboard.press("Enter");
    await main(ada).getByText("Question 2 of 12").first().waitFor();
  });

  describe.each(["light", "dark"] as const)("%s", (colorScheme) => {
    test("axe finds nothing serious on any screen, and nothing is wider than the window", async () => {
      const look = async (tab: Tab, name: string) => {
        await expectAccessible(tab, name);
        const overflow =
          "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        expect(await tab.page.evaluate(overflow), name).toBe(0);
        await shot(tab, `${name}-${colorScheme}`);
      };
      const screen = await open("/host", { ...desktop, colorScheme });
      const small = await open("/host", { ...phone, colorScheme });
      await screen.page.getByRole("button", { name: "Which method does that" }).click();
      await look(screen, "setup");
      await look(small, "setup-phone");
      const questions = defaultSet.questions.slice(0, questionCount);
      await importSet(screen, { ...defaultSet, questions });
      await press(screen, "Open the lobby");
      const code = await codeOf(screen);
      const ada = await open(`/${code}`, { ...phone, colorScheme });
      await look(ada, "join");
      await ada.page.getByLabel("Nickname").fill("Ada");
      await press(ada, "Join");
      await ada.page.getByText("You are in!").waitFor();
      await look(ada, "player-lobby");
      const others: Tab[] = [];
      for (const name of ["Grace", "Linus", "דנה", "Katherine Johnson"]) {
        others.push(await join(code, name, { ...phone, colorScheme }));
      }
      await screen.page.getByText("5 in").waitFor();
      await look(screen, "lobby");
      await screen.page.setViewportSize(phone.viewport);
      await look(screen, "lobby-phone");
      await screen.page.setViewportSize(desktop.viewport);
      const players = [ada, ...others];
      for (let number = 1; number <= questionCount; number += 1) {
        await press(screen, number === 1 ? "Start" : "Next question");
        if (number === 1) {
          await ada.page.getByText("Get ready…").waitFor();
          await look(ada, "read");
        }
        await ada.page.getByText("The sooner, the more points.").waitFor();
        if (number === 1) await look(ada, "open");
        for (const [index, tab] of players.entries()) {
          if (number === 1 && index === players.length - 1) {
            await main(screen).getByText("4 of 5 have answered").waitFor();
            await look(screen, "question");
            await look(ada, "given");
          }
          // The first are right, each of the others at another question.
          const isRight = index < 2 || index % questionCount === number % questionCount;
          const right = defaultSet.questions[number - 1]?.answers.find(
            ({ correct }) => correct === isRight,
          );
          await answer(tab, right?.text ?? "");
        }
        await screen.page.getByText("✓ Right").first().waitFor();
        if (number === 2) {
          await look(screen, "reveal");
          await ada.page.getByText("Right!").waitFor();
          await look(ada, "result-right");
          await others[1]?.page.getByText("behind").waitFor();
          if (others[1]) await look(others[1], "result-wrong");
        }
        if (number === questionCount) break;
        await press(screen, "Scoreboard");
        await screen.page.getByRole("heading", { name: "Scoreboard" }).waitFor();
        if (number === 2) await look(screen, "scores");
      }
      await press(screen, "To the podium");
      await ada.page.getByText(/ of 5$/).waitFor();
      await look(screen, "podium");
      await look(ada, "final");
    });
  });
});
