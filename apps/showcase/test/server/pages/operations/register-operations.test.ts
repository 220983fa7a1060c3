// The operations page's side of the hub: who may ask, and what they get.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { disconnectReason } from "../../../../server/pages/operations/register-operations.js";
import type { SessionAnswer, SessionQuestion } from "../../../../shared/operations/contract.js";
import { drainWord } from "../../../../shared/operations/limits.js";
import type { Sample } from "../../../../shared/operations/sample.js";
import type { ShowcaseClient } from "../../../../web/session/session.js";
import { OperationsScene, token } from "./operations-scene.js";

let scene: OperationsScene;

beforeEach(async () => {
  scene = await OperationsScene.open();
});

afterEach(() => scene.close());

const all: SessionQuestion = { search: "", sort: "since", descending: false, page: 0 };

describe("who may ask", () => {
  /** Every request but the unlocking one. */
  const asks: Record<string, (client: ShowcaseClient) => Promise<unknown>> = {
    lock: (client) => client.request("operations.lock"),
    watch: (client) => client.request("operations.watch"),
    unwatch: (client) => client.request("operations.unwatch"),
    sessions: (client) => client.request("operations.sessions", all),
    session: (client) => client.request("operations.session", client.session ?? ""),
    disconnect: (client) => client.request("operations.disconnect", client.session ?? ""),
    drain: (client) => client.request("operations.drain", { overMs: 1_000, confirm: drainWord }),
  };

  test.each(Object.keys(asks))("operations.%s is refused without the token", async (name) => {
    const client = await scene.visitor();
    await expect(asks[name]?.(client)).rejects.toMatchObject({ code: "locked" });
    expect(client.state).toBe("connected");
    expect(scene.running.hub.stats().isDraining).toBe(false);
  });

  test("none is missing from that list", async () => {
    const { contract } = await import("../../../../shared/contract.js");
    const names = Object.keys(contract.client).filter((name) => name.startsWith("operations."));
    expect(names.sort()).toEqual(
      ["unlock", ...Object.keys(asks)].map((name) => `operations.${name}`).sort(),
    );
  });

  test("the token opens, for this session alone, until it is locked", async () => {
    const [one, other] = [await scene.operator(), await scene.visitor()];
    expect(await one.request("operations.sessions", all)).toMatchObject({ total: 2 });
    await expect(other.request("operations.sessions", all)).rejects.toMatchObject({
      code: "locked",
    });
    await one.request("operations.lock");
    await expect(one.request("operations.sessions", all)).rejects.toMatchObject({ code: "locked" });
    expect(scene.audit.join()).toContain(`unlocked by ${one.session}`);
    expect(scene.audit.join()).not.toContain(token);
  });

  test("samples go to those who watch, and to nobody else", async () => {
    const [operator, visitor] = [await scene.operator(), await scene.visitor()];
    const heard: string[] = [];
    visitor.on("operations.sample", () => heard.push("visitor"));
    operator.on("operations.sample", () => heard.push("operator"));
    await operator.request("operations.watch");
    await expect.poll(() => heard, { timeout: 5_000 }).toEqual(["operator"]);
    await operator.request("operations.lock");
    const peer = scene.running.hub.peer(operator.session ?? "");
    expect([...(peer?.rooms ?? [])]).toEqual([]);
  });

  test("wrong tokens are refused, then for a while all of them, the right one too", async () => {
    const client = await scene.visitor();
    const attempt = (given: string) =>
      client.request("operations.unlock", given).then(
        () => "opened",
        ({ code }: { code: string }) => code,
      );
    for (const given of ["", token.slice(0, -1), `${token}x`, "ü", token.toUpperCase()]) {
      expect(await attempt(given)).toBe("wrong-token");
    }
    await expect(client.request("operations.unlock", "x")).rejects.toMatchObject({
      code: "limited",
      data: { retryInMs: expect.any(Number) },
    });
    expect(await attempt(token)).toBe("limited");
    expect(scene.audit.join()).toContain(`too many wrong tokens from ${client.session}`);
    // Another session of the address is not held up by so few.
    const other = await scene.visitor();
    await other.request("operations.unlock", token);
  });
});

describe("samples", () => {
  test("a fresh page gets the past, then one sample a second", async () => {
    const operator = await scene.operator();
    const { history, drain } = await operator.request("operations.watch");
    expect(drain).toBeUndefined();
    expect(history.at.length).toBeGreaterThan(0);
    for (const column of Object.values(history)) expect(column).toHaveLength(history.at.length);
    const samples: Sample[] = [];
    operator.on("operations.sample", ({ sample }) => samples.push(sample));
    const other = await scene.visitor("sse");
    for (let count = 0; count < 30; count += 1) await other.request("chat.rename", { name: "x" });
    await expect.poll(() => samples.length, { timeout: 8_000 }).toBeGreaterThan(1);
    const last = samples.at(-1)!;
    expect(last).toMatchObject({ linked: 2, sessions: 2, websocket: 1, sse: 1, linksRefused: 0 });
    expect(last.rss).toBeGreaterThan(1e6);
    expect(samples.some(({ requests }) => (requests ?? 0) >= 1)).toBe(true);
    const timed = samples.find(({ handlerP50 }) => handlerP50 !== null);
    expect(timed?.handlerP99).toBeGreaterThanOrEqual(timed?.handlerP50 ?? Number.NaN);
    const again = await operator.request("operations.watch");
    expect(again.history.at).toContain(last.at);
  });
});

describe("sessions", () => {
  test("found by words, in rooms of any name; sorted; a page at a time", async () => {
    const operator = await scene.operator();
    const name = "<b>’\u202e & drop";
    for (let count = 0; count < 30; count += 1) {
      const { hub } = scene.running;
      const visitor = await scene.visitor();
      if (count === 7) hub.peer(visitor.session ?? "")?.join(name);
    }
    const ask = (more: Partial<SessionQuestion>): Promise<SessionAnswer> =>
      operator.request("operations.sessions", { ...all, ...more });
    const first = await ask({});
    expect(first).toMatchObject({ page: 0, total: 31, found: 31 });
    expect(first.rows).toHaveLength(25);
    expect(first.rows[0]?.id).toBe(operator.session);
    const second = await ask({ page: 1 });
    expect(second.rows).toHaveLength(6);
    const ids = [...first.rows, ...second.rows].map(({ id }) => id);
    expect(new Set(ids).size).toBe(31);
    expect(await ask({ page: 99 })).toMatchObject({ page: 1 });
    expect((await ask({ sort: "rooms", descending: true })).rows[0]?.rooms).toBe(1);
    const found = await ask({ search: " DROP  <b>’ " });
    expect(found).toMatchObject({ found: 1, total: 31 });
    const details = await operator.request("operations.session", found.rows[0]?.id ?? "");
    expect(details.roomNames).toEqual([name]);
    expect(await ask({ search: "websocket 127.0.0.1" })).toMatchObject({ found: 31 });
    expect(await ask({ search: operator.session! })).toMatchObject({ found: 1 });
    expect(await ask({ search: "nowhere" })).toMatchObject({ found: 0, page: 0, rows: [] });
  });

  test("a look into one: its logs, its rooms, its calls by name and not by what they say", async () => {
    const [operator, visitor] = [await scene.operator(), await scene.visitor("sse")];
    const { session = "" } = visitor;
    await visitor.request("chat.rename", { name: "a secret name" });
    const details = await operator.request("operations.session", session);
    expect(details).toMatchObject({
      id: session,
      transport: "sse",
      address: "127.0.0.1",
      isLinked: true,
      isOperator: false,
      links: 1,
      received: 1,
      handling: 0,
      inbox: 0,
    });
    expect(details.calls).toMatchObject([{ type: "request", name: "chat.rename" }]);
    expect(JSON.stringify(details)).not.toContain("a secret name");
    const own = await operator.request("operations.session", operator.session ?? "");
    expect(own).toMatchObject({ isOperator: true, handling: 1 });
    expect(JSON.stringify(own)).not.toContain(token);
    await expect(operator.request("operations.session", "nobody")).rejects.toMatchObject({
      code: "gone",
    });
  });

  test("disconnected: it is told why and does not come back; the console has a line", async () => {
    const [operator, visitor] = [await scene.operator(), await scene.visitor()];
    const { session = "" } = visitor;
    await operator.request("operations.disconnect", session);
    await expect.poll(() => visitor.state).toBe("closed");
    expect(visitor.failure).toMatchObject({ code: 4006 });
    expect(visitor.failure?.detail).toContain(disconnectReason);
    expect(scene.audit.at(-1)).toMatch(
      new RegExp(`session ${session} .*disconnected by ${operator.session}`),
    );
    await expect(operator.request("operations.disconnect", session)).rejects.toMatchObject({
      code: "gone",
    });
  });
});

describe("drain", () => {
  test("needs its word", async () => {
    const operator = await scene.operator();
    const asked = { overMs: 1_000, confirm: "yes" as typeof drainWord };
    await expect(operator.request("operations.drain", asked)).rejects.toMatchObject({
      code: "invalid",
    });
    expect(scene.running.hub.stats().isDraining).toBe(false);
  });

  test("lets all go, the operator last, who sees it; new links are refused", async () => {
    const operator = await scene.operator();
    const visitors = [await scene.visitor(), await scene.visitor("sse"), await scene.visitor()];
    const left: number[] = [];
    operator.on("operations.sample", ({ drain }) => {
      if (drain !== undefined) left.push(drain.left);
    });
    await operator.request("operations.watch");
    const begun = await operator.request("operations.drain", { overMs: 4_000, confirm: drainWord });
    expect(begun).toMatchObject({ overMs: 4_000, total: 4 });
    const again = await operator.request("operations.drain", { overMs: 9_000, confirm: drainWord });
    expect(again.overMs).toBe(4_000);
    for (const client of [...visitors, operator]) {
      await expect.poll(() => client.state, { timeout: 8_000 }).not.toBe("connected");
    }
    expect(left).toEqual([...left].sort((one, other) => other - one));
    expect(left.at(-1)).toBeLessThan(3);
    await vi.waitFor(() => expect(scene.audit.at(-1)).toContain("no link is left"));
    expect(scene.audit.filter((line) => line.includes("drain over"))).toHaveLength(1);
    expect(scene.running.hub.stats()).toMatchObject({ linked: 0, isDraining: true });
  }, 30_000);
});
