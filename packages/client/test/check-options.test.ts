import { expect, onTestFinished, test } from "vitest";
import { checkOptions } from "../src/check-options.js";
import type { ClientOptions } from "../src/index.js";
import { connect as connectOnNode } from "../src/node.js";
import { Scene } from "./support/scene.js";

const schema = {
  "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) },
};

const wrong: [options: unknown, message: string][] = [
  [null, "The options of connect are an object."],
  [{ transport: ["sse"] }, 'options has no "transport"; it has contract, token, transports, '],
  [{ toString: 1 }, 'options has no "toString"'],
  [{ token: 5 }, "The option token is of type number, not string or function."],
  [{ token: null }, "The option token is of type null"],
  [{ token: "x".repeat(16_385) }, "token has more than 16384 characters."],
  [{ agent: 5 }, "The option agent is of type number, not string."],
  [{ autoConnect: "no" }, "The option autoConnect is of type string"],
  [{ codec: "msgpack" }, 'codec is "msgpack": give binary or json.'],
  [{ credentials: "yes" }, 'credentials is "yes": give omit or same-origin or include.'],
  [{ pollIntervalMs: 49 }, "pollIntervalMs is 49: give 50 or more"],
  [{ pollIntervalMs: Number.NaN }, "pollIntervalMs is NaN"],
  [{ pollIntervalMs: Number.POSITIVE_INFINITY }, "pollIntervalMs is Infinity"],
  [{ outbox: { entries: -1 } }, "outbox.entries is -1: give a whole number of at least 1."],
  [{ outbox: { size: 5 } }, 'outbox has no "size"; it has entries, bytes.'],
  [{ limits: { requests: 0 } }, "limits.requests is 0: give a whole number of at least 1."],
  [{ limits: { request: 5 } }, 'limits has no "request"; it has messageBytes, '],
  [{ contract: { events: {} } }, 'contract has no "events"; it has client, server, streams.'],
  [
    { contract: { client: { say: { payload: schema } } } },
    'contract.client.say has no "payload"; it has data, reply.',
  ],
  [{ contract: { server: { said: { data: {} } } } }, "contract.server.said.data is no schema"],
  [{ contract: { streams: { pipe: { up: "string" } } } }, "contract.streams.pipe.up is no schema"],
];

test.each(wrong)("the options %j are refused on Node, where they are given", (options, message) => {
  const url = "http://127.0.0.1:1/tidewire";
  expect(() => connectOnNode(url, options as ClientOptions)).toThrow(message);
});

test("options that are right, at their bounds", () => {
  checkOptions({});
  checkOptions({
    contract: { client: { say: { data: schema as never }, ping: {} }, streams: { pipe: {} } },
    token: "x".repeat(16_384),
    transports: ["sse"],
    pollIntervalMs: 50,
    codec: "json",
    outbox: { entries: 1 },
    limits: { requests: 1 },
    credentials: "include",
    agent: "app 1",
    autoConnect: false,
    platform: {},
  });
});

test("in a page, the watchers of error hear of them once, with the second chunk", async () => {
  const scene = new Scene();
  const client = scene.connect({ transport: ["sse"] } as ClientOptions);
  onTestFinished(() => client.close());
  await scene.time.until(() => client.state === "connected");
  scene.hub.cutAll();
  await scene.time.pass(5_000);
  expect(scene.errors).toMatchObject([
    { name: "TypeError", message: expect.stringContaining('options has no "transport"') },
  ]);
});

test("what is to be called must be a function, and what is watched must exist, at the registration", () => {
  const client = new Scene().connect({ autoConnect: false });
  onTestFinished(() => client.close());
  const nothing = undefined as never;
  for (const register of ["on", "handle", "onStream"] as const) {
    expect(() => client[register]("x", nothing)).toThrow('"x" needs a function.');
  }
  expect(() => client.onAny(nothing)).toThrow(TypeError);
  expect(() => client.onPresence(nothing)).toThrow(TypeError);
  expect(() => client.onDownload("x", nothing)).toThrow('"x" needs a function.');
  expect(() => client.watch("state", nothing)).toThrow('"state" needs a function.');
  expect(() => client.onAny(nothing)).toThrow('"onAny" needs a function.');
  expect(() => client.watch("connect" as never, () => {})).toThrow(
    'watch takes state linked failure lost error closed, not "connect".',
  );
  for (const name of ["state", "linked", "failure", "lost", "error", "closed"] as const) {
    client.watch(name, () => {})();
  }
});

test("a URL without its scheme is told as such", () => {
  expect(() => connectOnNode("localhost:3000")).toThrow(
    "The hub's URL begins with localhost:. Give one such as https://example.org/tidewire.",
  );
});
