import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildOnce } from "@tidewire/test-support";
import { expect, test } from "vitest";

const name = `test-${process.pid}`;

test("the second to ask waits for what the first builds", async () => {
  let builds = 0;
  const build = async (folder: string): Promise<void> => {
    builds += 1;
    await new Promise((resolve) => setImmediate(resolve));
    writeFileSync(join(folder, "result"), `build ${builds}`);
  };
  const [one, other] = await Promise.all([buildOnce(name, build), buildOnce(name, build)]);
  expect(other).toBe(one);
  expect(await buildOnce(name, build)).toBe(one);
  expect(readFileSync(join(one, "result"), "utf8")).toBe("build 1");
  expect(builds).toBe(1);
});

test("a build that fails is told to all who ask, and not tried again", async () => {
  const asked = [1, 2].map(() =>
    buildOnce(`${name}-bad`, () => Promise.reject(new Error("syntax error"))),
  );
  for (const one of asked) await expect(one).rejects.toThrow("syntax error");
  await expect(buildOnce(`${name}-bad`, async () => {})).rejects.toThrow("syntax error");
});
