// `npm run quiz:bots` as users run it: a program with a server process of its own.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@tidewire/client/node";
import { attach } from "@tidewire/hub/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../quiz-bots/report.js";
import { serveArgument } from "../../quiz-bots/serve.js";
import { createHub } from "../../server/hub/create-hub.js";
import { contract } from "../../shared/contract.js";
import { hubPath } from "../../shared/hub-path.js";
import { buildQuizBots } from "../build-showcase.js";
import { makeSet } from "../quiz-scene.js";
import { runShowcase } from "../showcase-process.js";

/** A thousand long polls take more than half a minute where other tests run beside them. */
const isSlow = process.env["TIDEWIRE_SLOW"] === "1";

let folder: string;
let program: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "quiz-bots-"));
  program = await buildQuizBots(folder);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function report(...args: string[]): Promise<Report> {
  const bots = runShowcase(program, [...args, "--json"]);
  const code = await bots.exited;
  expect(code, bots.output()).toBe(0);
  const line = bots
    .output()
    .split("\n")
    .find((text) => text.startsWith("{"));
  return JSON.parse(line ?? "null") as Report;
}

describe("a game full of bots", { timeout: 180_000 }, () => {
  test.each([
    ["websocket", 1_000],
    ["long-polling", isSlow ? 1_000 : 200],
  ] as const)(
    "over %s, %d players: nothing lost, nothing twice, and the scoreboard is right",
    async (transport, players) => {
      const told = await report("--players", `${players}`, "--transport", transport);
      expect(told).toMatchObject({
        players,
        questions: 5,
        transport,
        answers: players * 5,
        // One bot in ten answers twice, one ahead of time, one as somebody else; one too late, but for
        // the first question.
        refused: (players / 10) * (5 + 5 + 5 + 4),
        problems: [],
      });
      expect(told.join.count).toBe(players);
      for (const spread of [told.fanOut, told.roundTrip]) {
        expect(spread.count).toBe(players * 5);
        expect(spread.p50).toBeLessThanOrEqual(spread.p99);
        expect(spread.p99).toBeLessThanOrEqual(spread.max);
      }
      expect(told.server?.residentBytes).toBeGreaterThan(told.server?.emptyBytes ?? 0);
      expect(told.server?.gameCpuMs).toBeGreaterThan(0);
    },
  );

  // Small games spend their time waiting for the clock of the quiz, so they do it together.
  test.concurrent.each(["sse", "stream"])("over %s as well", async (transport) => {
    const told = await report("-n", "20", "-q", "2", "-t", transport);
    expect(told).toMatchObject({ answers: 40, problems: [] });
  });

  test.concurrent("into somebody else's game, which its host leads through, on a server that runs already", async ({
    expect,
  }) => {
    const server = fork(program, [serveArgument], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const [{ port }] = (await once(server, "message")) as [{ port: number }];
    const url = `http://127.0.0.1:${port}`;
    const host = connect(`${url}${hubPath}`, { contract });
    try {
      const token = "0".repeat(32);
      const seen = { phase: "", step: 0, players: 0 };
      host.on("quiz.stage", ({ phase, progress }) => Object.assign(seen, progress, { phase }));
      host.on("quiz.progress", ({ progress }) => Object.assign(seen, progress));
      const { code } = await host.request("quiz.create", { token, set: makeSet(2) });
      const playing = report("--url", url, "--code", code, "--players", "10");
      await expect.poll(() => seen.players, { timeout: 15_000 }).toBe(10);
      for (const phase of ["reveal", "scores", "reveal", "podium"]) {
        await host.request("quiz.advance", { token, step: seen.step });
        // A question goes on to its end by itself.
        await expect.poll(() => seen.phase, { timeout: 15_000 }).toBe(phase);
      }
      expect(await playing).toMatchObject({ questions: 2, answers: 20, problems: [] });
      const own = await report("--url", url, "--players", "10", "--questions", "1");
      expect(own).toMatchObject({ answers: 10, problems: [] });
      expect(own).not.toHaveProperty("server");
    } finally {
      host.close();
      server.kill("SIGKILL");
      await once(server, "exit");
    }
  });

  test.concurrent("a server that forgets the game ends the run, instead of leaving it waiting", async () => {
    const server = fork(program, [serveArgument], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const [{ port }] = (await once(server, "message")) as [{ port: number }];
    const bots = runShowcase(program, ["--url", `http://127.0.0.1:${port}`, "--players", "5"]);
    await bots.waitFor(/have answered question 1/);
    server.kill("SIGKILL");
    await once(server, "exit");
    const other = createServer((_, response) => response.writeHead(404).end());
    const running = createHub(undefined);
    const attached = attach(running.hub, other, { path: hubPath });
    await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
    expect(await bots.exited).toBe(1);
    expect(bots.output()).toContain("The server was restarted: the game is lost.");
    await attached.close();
    await running.close();
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
  });

  test.concurrent("Ctrl-C ends it at once, and its server with it", async () => {
    const bots = runShowcase(program, ["--players", "20", "--questions", "50"]);
    await bots.waitFor(/have answered question 1 of 50/);
    bots.child.kill("SIGINT");
    expect(await bots.exited).toBe(130);
    expect(bots.output()).toContain("Stopped.");
  });

  test.concurrent("what cannot be done is told, and fails", async () => {
    for (const [args, code, words] of [
      [["--players", "0"], 2, "Expected a whole number from 1 to 8000."],
      [["--url", "nowhere"], 2, "Expected an address such as http://localhost:8080"],
      [["--code", "123456"], 2, "say with --url on which"],
      [["--transport", "pigeon"], 2, "Allowed choices are websocket"],
      [["--url", "http://127.0.0.1:1"], 1, "There is no showcase at http://127.0.0.1:1"],
    ] as const) {
      const bots = runShowcase(program, args);
      expect(await bots.exited, args.join(" ")).toBe(code);
      expect(bots.output()).toContain(words);
    }
    const help = runShowcase(program, ["--help"]);
    await once(help.child, "close");
    expect(help.output()).toContain("npm run quiz:bots -- [options]");
  });
});
