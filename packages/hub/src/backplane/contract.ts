// The contract of the backplane port (see backplane.ts) as a list of cases, for any test runner:
//
//   for (const { title, run } of backplaneContract(makeSubject)) test(title, run);
//
// Cases wait for what they expect, up to `patienceMs`; they never sleep for a guess.

import type { Position } from "../history/position.js";
import type { Backplane, BackplaneNode } from "./backplane.js";

/** An engine under test: fresh, or at least with names of its own. */
export interface BackplaneSubject {
  /** Another connection to the same cluster each time, as another process would make it. */
  open(): Backplane | Promise<Backplane>;
  /** Kills a node as a crash would: without `close`. Left out: death is not tested. */
  kill?(node: string): void | Promise<void>;
  /** Frees everything. */
  close?(): void | Promise<void>;
}

export interface BackplaneCase {
  readonly title: string;
  run(): Promise<void>;
}

/** The cases. `patienceMs` bounds each wait; default 5,000. */
export function backplaneContract(
  makeSubject: () => BackplaneSubject | Promise<BackplaneSubject>,
  options: { readonly patienceMs?: number } = {},
): readonly BackplaneCase[] {
  const { patienceMs = 5_000 } = options;
  return [...cases].map(([title, run]) => ({
    title,
    run: async () => {
      const subject = await makeSubject();
      const bench = new Bench(subject, patienceMs);
      try {
        await run(bench);
      } finally {
        await bench.close();
      }
    },
  }));
}

const keep = { entries: 5, bytes: 100_000, ageMs: 60_000 };

/** Names that an engine's wire may take for something else (F11). */
const oddNames = [
  "a b",
  "a\r\nPUB x",
  "*",
  ">",
  "#",
  "+",
  "{a}",
  "a:b",
  "a.b",
  "a\u0000b",
  "__proto__",
  "é",
  "e\u0301",
  "A",
  "a",
  "",
];

const cases: readonly [string, (bench: Bench) => Promise<void>][] = [
  [
    "1 a name can be in the cluster once, and again after it left",
    async (bench) => {
      const first = await bench.node("n1");
      await rejects(async () => {
        const node = (await bench.subject.open()).connect("n1", silent);
        await node.nodes();
      }, "a second node of a name that is alive");
      await first.link.close();
      const again = await bench.node("n1");
      equal(await again.link.nodes(), ["n1"], "nodes after coming back");
    },
  ],
  [
    "1 nodes lists the living, and each of the others is told once of one that left",
    async (bench) => {
      const [a, b, c] = [await bench.node("a"), await bench.node("b"), await bench.node("c")];
      await bench.until(async () => (await a.link.nodes()).length === 3, "three nodes");
      await c.link.close();
      await bench.until(() => a.lost.length === 1 && b.lost.length === 1, "nodeLost");
      equal([a.lost, b.lost, c.lost], [["c"], ["c"], []], "who was told");
      await bench.until(async () => (await a.link.nodes()).length === 2, "two nodes");
    },
  ],
  [
    "1 a node that dies without a word is told as well",
    async (bench) => {
      if (bench.subject.kill === undefined) return;
      const a = await bench.node("a");
      const b = await bench.node("b");
      await b.link.claim("session");
      await bench.subject.kill("b");
      await bench.until(() => a.lost.includes("b"), "nodeLost after a crash");
      equal(await a.link.holder("session"), undefined, "the claim of a dead node");
    },
  ],
  [
    "2 a message reaches the subscribed nodes, in the publisher's order, and no other channel",
    async (bench) => {
      const [a, b, c] = [await bench.node("a"), await bench.node("b"), await bench.node("c")];
      await b.link.subscribe("room");
      await c.link.subscribe("other");
      const expected = Array.from({ length: 200 }, (_, i) => `m${i}`);
      await Promise.all(expected.map((message) => a.link.publish("room", message)));
      await bench.until(() => b.got.length >= expected.length, "200 messages");
      equal(b.texts, expected, "messages in order");
      equal(c.got, [], "messages of a channel that is not subscribed");
      equal([b.got[0]?.from, b.got[0]?.position], ["a", undefined], "publisher and position");
    },
  ],
  [
    "2 names of channels are exact, whatever is in them",
    async (bench) => {
      const a = await bench.node("a");
      for (const [index, name] of oddNames.entries()) {
        const b = await bench.node(`b${index}`);
        await b.link.subscribe(`room:${name}`);
      }
      for (const name of oddNames) await a.link.publish(`room:${name}`, `to ${name}`);
      const others = bench.nodes.slice(1);
      await bench.until(() => others.every(({ got }) => got.length > 0), "a message for each");
      for (const [index, name] of oddNames.entries()) {
        equal(others[index]?.texts, [`to ${name}`], `messages of ${JSON.stringify(name)}`);
        equal(others[index]?.got[0]?.channel, `room:${name}`, "the channel's name");
      }
    },
  ],
  [
    "2 after unsubscribe nothing arrives; subscribing again works",
    async (bench) => {
      const [a, b] = [await bench.node("a"), await bench.node("b")];
      await b.link.subscribe("room");
      await b.link.unsubscribe("room");
      await a.link.publish("room", "missed");
      await b.link.subscribe("room");
      await a.link.publish("room", "heard");
      await bench.until(() => b.got.length > 0, "a message");
      equal(b.texts, ["heard"], "messages");
    },
  ],
  [
    "3 without keep the publisher does not hear itself",
    async (bench) => {
      const [a, b] = [await bench.node("a"), await bench.node("b")];
      await a.link.subscribe("room");
      await b.link.subscribe("room");
      equal(
        await a.link.publish("room", "x"),
        undefined,
        "the position of a message that is not kept",
      );
      await bench.until(() => b.got.length === 1, "the message");
      equal(a.got, [], "the publisher's own messages");
      equal((await a.link.read("room", undefined, 10)).items, [], "the log");
    },
  ],
  [
    "4 a kept message gets the next position, and reaches all subscribers with it, the publisher too",
    async (bench) => {
      const [a, b] = [await bench.node("a"), await bench.node("b")];
      await a.link.subscribe("room");
      await b.link.subscribe("room");
      const first = await a.link.publish("room", "1", keep);
      const second = await b.link.publish("room", "2", keep);
      equal([first?.offset, second?.offset], [1, 2], "offsets");
      equal(first?.epoch, second?.epoch, "epochs");
      await bench.until(() => a.got.length === 2 && b.got.length === 2, "both messages");
      equal(
        b.got.map(({ text, position }) => [text, position]),
        [
          ["1", first],
          ["2", second],
        ],
        "at b",
      );
      equal(
        a.got.map(({ text, position }) => [text, position]),
        [
          ["1", first],
          ["2", second],
        ],
        "at a",
      );
    },
  ],
  [
    "4 read continues from a position, says whether that is all, and keeps to the retention",
    async (bench) => {
      const a = await bench.node("a");
      const positions: (Position | undefined)[] = [];
      for (let n = 1; n <= 7; n += 1) positions.push(await a.link.publish("log", `${n}`, keep));
      const since = await a.link.read("log", positions[3], 10);
      equal(
        since.items.map(({ offset, item }) => [offset, item]),
        [
          [5, "5"],
          [6, "6"],
          [7, "7"],
        ],
        "after 4",
      );
      equal([since.complete, since.position], [true, positions[6]], "complete, position");
      equal((await a.link.read("log", positions[6], 10)).complete, true, "nothing after the end");
      const old = await a.link.read("log", positions[0], 10);
      equal(
        [old.items.length <= 6, old.complete],
        [true, old.items.length === 6],
        "after 1, of which some are dropped",
      );
      equal((await a.link.read("log", positions[3], 2)).complete, false, "fewer than there are");
      const newest = await a.link.read("log", undefined, 2);
      equal(
        newest.items.map(({ item }) => item),
        ["6", "7"],
        "the newest two",
      );
    },
  ],
  [
    "4 a position of another epoch, or beyond the end, is never complete",
    async (bench) => {
      const a = await bench.node("a");
      const position = await a.link.publish("log", "1", keep);
      const page = await a.link.read("log", { epoch: "other", offset: 1 }, 10);
      equal([page.items.length, page.complete], [1, false], "another epoch");
      const beyond = { epoch: position?.epoch ?? "", offset: 9 };
      equal((await a.link.read("log", beyond, 10)).complete, false, "beyond the end");
    },
  ],
  [
    "4 the position of an empty log is one to continue from",
    async (bench) => {
      const a = await bench.node("a");
      const { position } = await a.link.read("log", undefined, 10);
      await a.link.publish("log", "1", keep);
      const page = await a.link.read("log", position, 10);
      equal(
        [page.items.map(({ item }) => item), page.complete],
        [["1"], true],
        "since the empty log",
      );
    },
  ],
  [
    "5 send reaches one node, and says when there is none",
    async (bench) => {
      const [a, b] = [await bench.node("a"), await bench.node("b")];
      equal(await a.link.send("b", "hello"), true, "send to a living node");
      await bench.until(() => b.direct.length === 1, "the message");
      equal([b.direct, a.direct], [[["hello", "a"]], []], "who got it");
      equal(await a.link.send("nobody", "x"), false, "send to no node");
      await b.link.close();
      await bench.until(async () => !(await a.link.send("b", "x")), "send to a node that left");
    },
  ],
  [
    "6 a claim answers who held the session before, and ends with its node",
    async (bench) => {
      const [a, b] = [await bench.node("a"), await bench.node("b")];
      equal(await a.link.claim("__proto__"), undefined, "the first claim");
      equal(await a.link.claim("__proto__"), undefined, "one's own claim again");
      equal(await b.link.holder("__proto__"), "a", "the holder");
      equal(await b.link.claim("__proto__"), "a", "a claim of what another holds");
      await a.link.release("__proto__");
      equal(await a.link.holder("__proto__"), "b", "the holder after another's release");
      await b.link.close();
      await bench.until(async () => (await a.link.holder("__proto__")) === undefined, "no holder");
    },
  ],
  [
    "6 of two claims at once, only one is answered that nobody held it",
    async (bench) => {
      const [a, b] = [await bench.node("a"), await bench.node("b")];
      const answers = await Promise.all([a.link.claim("s"), b.link.claim("s")]);
      equal(answers.filter((former) => former === undefined).length, 1, "first claims");
    },
  ],
  [
    "7 after close every call rejects, and nothing arrives",
    async (bench) => {
      const [a, b] = [await bench.node("a"), await bench.node("b")];
      await b.link.subscribe("room");
      await b.link.close();
      await b.link.close();
      await a.link.publish("room", "x");
      await a.link.publish("room", "y", keep);
      for (const [name, call] of Object.entries({
        publish: () => b.link.publish("room", "x"),
        subscribe: () => b.link.subscribe("room"),
        nodes: () => b.link.nodes(),
        claim: () => b.link.claim("s"),
      })) {
        await rejects(call, `${name} after close`);
      }
      equal(b.got, [], "messages after close");
    },
  ],
];

interface Got {
  readonly channel: string;
  readonly text: string;
  readonly position: Position | undefined;
  readonly from: string;
}

/** A node that writes down what it is told. */
class Probe {
  readonly got: Got[] = [];
  readonly direct: [string, string][] = [];
  readonly lost: string[] = [];
  readonly link: BackplaneNode;

  constructor(backplane: Backplane, name: string) {
    this.link = backplane.connect(name, {
      published: (channel, text, position, from) => {
        this.got.push({ channel, text, position, from });
      },
      sent: (message, from) => {
        this.direct.push([message, from]);
      },
      nodeLost: (node) => {
        this.lost.push(node);
      },
    });
  }

  get texts(): string[] {
    return this.got.map(({ text }) => text);
  }
}

const silent = { published() {}, sent() {}, nodeLost() {} };

class Bench {
  readonly subject: BackplaneSubject;
  readonly nodes: Probe[] = [];
  readonly #patienceMs: number;

  constructor(subject: BackplaneSubject, patienceMs: number) {
    this.subject = subject;
    this.#patienceMs = patienceMs;
  }

  async node(name: string): Promise<Probe> {
    const probe = new Probe(await this.subject.open(), name);
    // Answers once the engine knows the node.
    await probe.link.nodes();
    this.nodes.push(probe);
    return probe;
  }

  /** Waits until it is so, looking again as soon as something may have happened. */
  async until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const end = performance.now() + this.#patienceMs;
    while (!(await isSo())) {
      if (performance.now() > end) throw new Error(`Waited ${this.#patienceMs} ms for ${what}.`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async close(): Promise<void> {
    for (const { link } of this.nodes) await link.close();
    await this.subject.close?.();
  }
}

function equal(actual: unknown, expected: unknown, what: string): void {
  const [left, right] = [show(actual), show(expected)];
  if (left !== right) throw new Error(`${what}: expected ${right}, found ${left}`);
}

/** JSON in which `undefined` shows. */
function show(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) =>
      inner === undefined ? "(undefined)" : inner,
    ) ?? "(undefined)"
  );
}

async function rejects(call: () => Promise<unknown>, what: string): Promise<void> {
  try {
    await call();
  } catch {
    return;
  }
  throw new Error(`${what}: expected an error`);
}
