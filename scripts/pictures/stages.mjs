// @ts-check
// What the pictures show: each stage sets its scene by what is written on the page, as a person would.

/**
 * @typedef {import("playwright-core").Page} Page
 * @typedef {{ browser: import("playwright-core").Browser, url: string, welcome: string }} Place
 */

const desktop = { viewport: { width: 1200, height: 750 } };
const phone = { viewport: { width: 390, height: 780 }, isMobile: true, hasTouch: true };

/** @type {Record<string, (place: Place) => Promise<Page>>} the page to be pictured, by its name */
export const stages = {
  start,
  chat,
  quiz,
  "quiz-player": quizPlayer,
  files,
  lab,
  wire,
  operations,
};

/**
 * @param {Place} place
 * @param {string} path
 * @param {import("playwright-core").BrowserContextOptions} options
 */
async function open({ browser, url }, path, options = desktop) {
  const context = await browser.newContext({ deviceScaleFactor: 1.5, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(`${url}/#/${path}`);
  await page.getByRole("status", { name: "Connection" }).getByText("Online").waitFor();
  return page;
}

/** @param {Place} place */
async function start(place) {
  const page = await open(place, "");
  // The figures are alive: somebody else is there.
  await enterChat(place, "Ada");
  await page.waitForTimeout(2_500);
  return page;
}

/**
 * @param {Place} place
 * @param {string} name
 */
async function enterChat(place, name, options = desktop) {
  const page = await open(place, "chat", options);
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Enter the chat" }).click();
  await page.getByRole("textbox", { name: "Message to lobby" }).waitFor();
  return page;
}

/**
 * @param {Page} page
 * @param {string} text
 */
async function say(page, text) {
  const composer = page.getByRole("textbox", { name: "Message to lobby" });
  await composer.fill(text);
  await composer.press("Enter");
  await page.getByRole("log").getByText(text, { exact: true }).waitFor();
}

/** @param {Place} place */
async function chat(place) {
  const ada = await enterChat(place, "Ada");
  const grace = await enterChat(place, "Grace");
  const linus = await enterChat(place, "Edsger");
  await say(grace, "The proxy at the hotel blocks WebSockets. Can you read me?");
  await say(ada, "Every word. You came in over Server-Sent Events.");
  await say(linus, "I was in a tunnel for a minute. What did I miss?");
  await say(grace, "Nothing: look above.");
  await say(ada, "That is the whole idea.");
  await linus.getByRole("textbox", { name: "Message to lobby" }).pressSequentially("Then I will");
  return ada;
}

/** @param {Place} place */
async function quizHost(place) {
  const screen = await open(place, "quiz/host");
  await screen.getByRole("button", { name: "Open the lobby" }).click();
  const label = await screen.getByRole("img", { name: /^Code / }).getAttribute("aria-label");
  const code = (label ?? "").replace(/\D/g, "");
  /** @type {Page[]} */
  const players = [];
  for (const name of ["Ada", "Grace", "Edsger", "Barbara", "Donald", "Radia"]) {
    const player = await open(place, `quiz/${code}`, phone);
    await player.getByLabel("Nickname").fill(name);
    await player.getByRole("button", { name: "Join" }).click();
    await player.getByText("You are in!").waitFor();
    players.push(player);
  }
  await screen.getByRole("button", { name: "Start", exact: true }).click();
  return { screen, players };
}

/**
 * Presses the answer at that place.
 *
 * @param {Page} player
 * @param {number} index
 */
async function answer(player, index) {
  await player
    .getByRole("button", { name: /^[A-D]\b/ })
    .nth(index)
    .click();
}

/** @param {Place} place */
async function quiz(place) {
  const { screen, players } = await quizHost(place);
  for (const [index, player] of players.slice(0, 5).entries()) await answer(player, index % 3);
  await screen.getByText("5 of 6 have answered").waitFor();
  return screen;
}

/** @param {Place} place */
async function quizPlayer(place) {
  const { players } = await quizHost(place);
  const [player] = /** @type {[Page]} */ (players);
  await player
    .getByRole("button", { name: /^[A-D]\b/ })
    .first()
    .waitFor();
  return player;
}

/** @param {Place} place */
async function files(place) {
  const sender = await open(place, "files");
  const receiver = await open(place, "files");
  for (const page of [sender, receiver]) await page.getByText("Any kind of file").waitFor();
  const bytes = (/** @type {number} */ size) => Buffer.alloc(size, "tidewire");
  await sender.locator('input[type="file"]').setInputFiles([
    { name: "tide-tables-2026.pdf", mimeType: "application/pdf", buffer: bytes(2_400_000) },
    { name: "harbour.csv", mimeType: "text/csv", buffer: bytes(180_000) },
    { name: "recording.flac", mimeType: "audio/flac", buffer: bytes(45_000_000) },
  ]);
  await receiver.getByText("recording.flac").waitFor();
  await receiver.waitForTimeout(400);
  return sender;
}

/** @param {Place} place */
async function lab(place) {
  const page = await open(place, "lab", { viewport: { width: 1200, height: 1000 } });
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page.getByText("Running over 5 connections").waitFor();
  await page.waitForTimeout(25_000);
  return page;
}

/** @param {Place} place */
async function wire(place) {
  const page = await open(place, "wire", { viewport: { width: 1200, height: 900 } });
  await page.getByText("Looking", { exact: true }).waitFor();
  await page.getByRole("textbox", { name: "Text to send" }).fill("Look at me");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  const row = page.getByRole("list", { name: "Frames" }).getByRole("button");
  await row.filter({ hasText: "wire.say" }).first().click();
  return page;
}

/** @param {Place} place */
async function operations(place) {
  const address = /#\/(operations\/\S+)/.exec(place.welcome)?.[1] ?? "operations";
  const page = await open(place, address, { viewport: { width: 1200, height: 900 } });
  const ada = await enterChat(place, "Ada");
  await enterChat(place, "Grace", phone);
  for (let i = 0; i < 10; i += 1) {
    await say(ada, `Message ${i}`);
    await page.waitForTimeout(1_000);
  }
  return page;
}
