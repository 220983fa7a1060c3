import { EventEmitter } from "node:events";
import { Socket as NetSocket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { expect, test } from "vitest";
import { ACCEPTED_FIRST } from "../../src/server/vary-socket-options.js";
import { openClient, startServer } from "./started.js";

type Init = (this: EventEmitter, options?: object) => void;

test("what Node makes of the options of its sockets has one shape for all", async () => {
  setFlagsFromString("--allow-natives-syntax");
  const haveSameMap = new Function("a", "b", "return %HaveSameMap(a, b)") as (
    a: object | undefined,
    b: object | undefined,
  ) => boolean;
  setFlagsFromString("--no-allow-natives-syntax");
  const { url } = await startServer();
  for (let count = 0; count < ACCEPTED_FIRST; count++) await openClient(url);

  const made: (object | undefined)[] = [];
  const emitter = EventEmitter as unknown as { init: Init };
  const { init } = emitter;
  emitter.init = function (options) {
    made.push(options);
    init.call(this, options);
  };
  try {
    for (let count = 0; count < 100; count++)
      new NetSocket({ readable: true, allowHalfOpen: true });
  } finally {
    emitter.init = init;
  }

  expect(made).toHaveLength(100);
  expect(made.at(-1)).toHaveProperty("decodeStrings");
  expect(haveSameMap(made.at(-2), made.at(-1))).toBe(true);
});
