import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { FailureError, type Upload } from "../../src/index.js";
import type { FakeClient } from "../support/fake-client.js";
import { setup } from "../support/setup.js";

interface Log {
  readonly items: unknown[];
  end: unknown;
  cancelled: [string, string] | undefined;
}

function logOf(): Log & { handler: Parameters<FakeClient["openStream"]>[2] } {
  const log: Log = { items: [], end: "not yet", cancelled: undefined };
  return Object.assign(log, {
    handler: {
      data: (item: unknown) => log.items.push(item),
      end: (data: unknown) => {
        log.end = data;
      },
      cancel: (code: string, message: string) => {
        log.cancelled = [code, message];
      },
    },
  });
}

/** Sends all items as credit allows, then ends. */
function pour(
  client: FakeClient,
  name: string,
  first: unknown,
  items: Iterable<unknown>,
  end?: unknown,
) {
  const log = logOf();
  const source = items[Symbol.iterator]();
  let next = source.next();
  let sent = 0;
  const flow = (): void => {
    while (!next.done && stream.send(next.value)) {
      sent += 1;
      next = source.next();
    }
    if (next.done) stream.end(end);
  };
  const stream = client.openStream(name, first, { ...log.handler, credit: () => flow() });
  return { log, stream, sent: () => sent, flow };
}

describe("§8.3 streams of a peer", () => {
  test("items up and down, and the handler's result as the last word", async () => {
    const { hub, joined, world } = setup();
    hub.onStream("echo", async (_peer, stream, data) => {
      let count = 0;
      for await (const item of stream) {
        await stream.send([data, item]);
        count += 1;
      }
      return { count };
    });
    const client = await joined();
    const { log, stream } = pour(client, "echo", "hi", [1, 2, 3]);
    await world.settle();
    expect(log.items).toEqual([
      ["hi", 1],
      ["hi", 2],
      ["hi", 3],
    ]);
    expect(log.end).toEqual({ count: 3 });
    expect(stream.isOver).toBe(true);
    expect(hub.stats().streams).toBe(0);
  });

  test("credit is granted as the handler reads: who does not read stops the sender", async () => {
    const { hub, joined, world } = setup({ limits: { streamItems: 8 } });
    let open = (): void => {};
    const read: unknown[] = [];
    hub.onStream("slow", async (_peer, stream) => {
      await new Promise<void>((resolve) => {
        open = resolve;
      });
      for await (const item of stream) read.push(item);
    });
    const client = await joined({ streamItems: 8 });
    const { sent } = pour(
      client,
      "slow",
      null,
      Array.from({ length: 100 }, (_, i) => i),
    );
    await world.pass(1_000);
    expect(sent()).toBe(8);
    open();
    await world.pass(1_000);
    expect(read).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  test("a stream larger than the log waits for acknowledgements: it evicts nothing, its own items neither", async () => {
    const { hub, joined, world } = setup({ limits: { logEntries: 16 } });
    hub.onStream("down", async (_peer, stream) => {
      for (let n = 0; n < 200; n += 1) await stream.send(n);
    });
    const client = await joined();
    const log = logOf();
    const stream = client.openStream("down", undefined, {
      ...log.handler,
      data: (item) => {
        log.handler.data(item);
        stream.consumed(1);
      },
    });
    await world.pass(30_000);
    expect(log.items).toEqual(Array.from({ length: 200 }, (_, n) => n));
    expect(client.byes).toEqual([]);
  });

  test("`await send` waits for the client's credit; too many that nobody awaits are `busy`", async () => {
    const { hub, joined, world } = setup({ limits: { streamItems: 4 } });
    let sent = 0;
    let busy: unknown;
    hub.onStream("down", async (_peer, stream) => {
      for (let n = 0; n < 50; n += 1) {
        await stream.send(n);
        sent += 1;
      }
      const waits = Array.from({ length: 9 }, () => stream.send("x"));
      busy = (await Promise.allSettled(waits)).find(({ status }) => status === "rejected");
    });
    const client = await joined({ streamItems: 4 });
    const log = logOf();
    const theirs = client.openStream("down", undefined, log.handler);
    await world.settle();
    expect([sent, log.items.length]).toEqual([4, 4]);
    theirs.end();
    for (let turn = 0; turn < 100 && log.end === "not yet"; turn += 1) {
      theirs.consumed(2);
      await world.settle();
    }
    expect(log.items.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(busy).toMatchObject({ reason: { code: "busy" } });
    expect(log.end).toBeUndefined();
  });

  test("a handler that stops reading and returns: its last word, then the cancel of the rest", async () => {
    const { hub, joined, world } = setup();
    hub.onStream("first", async (_peer, stream) => {
      for await (const item of stream) return item;
      return "nothing came";
    });
    hub.onStream("refuse", async (_peer, stream) => {
      for await (const _item of stream) throw new FailureError("forbidden", "enough");
    });
    const client = await joined();
    const items = Array.from({ length: 1_000 }, (_, i) => i);
    const first = pour(client, "first", null, items);
    const refused = pour(client, "refuse", null, items);
    await world.settle();
    expect([first.log.end, first.log.cancelled]).toEqual([0, ["aborted", "no longer read"]]);
    expect(refused.log.cancelled).toEqual(["forbidden", "enough"]);
    expect(hub.stats().streams).toBe(0);
  });

  test("a handler that returns without reading leaves no stream open, however many there are", async () => {
    const { hub, joined, world } = setup();
    hub.onStream("down", async (_peer, stream) => {
      await stream.send(1);
      return "all";
    });
    hub.onStream("ended", (_peer, stream) => stream.end("all"));
    const client = await joined();
    for (let round = 0; round < 100; round += 1) {
      const log = logOf();
      client.openStream(round % 2 === 0 ? "down" : "ended", undefined, log.handler);
      await world.pass(100);
      expect(log.end).toBe("all");
      expect(log.cancelled).toEqual(["aborted", "no longer read"]);
    }
    expect(hub.stats().streams).toBe(0);
  });

  test("a client's cancel ends iteration, waiting sends and the signal", async () => {
    const { hub, joined, world, errors } = setup();
    const seen: unknown[] = [];
    hub.onStream("up", async (_peer, stream) => {
      stream.signal.addEventListener("abort", () => seen.push("aborted"));
      try {
        for await (const item of stream) seen.push(item);
      } catch (error) {
        seen.push((error as FailureError).code);
        throw error;
      }
    });
    const client = await joined();
    const stream = client.openStream("up", undefined, logOf().handler);
    await world.settle();
    stream.send(1);
    stream.cancel("changed-my-mind");
    await world.settle();
    expect(seen).toContain("changed-my-mind");
    expect(seen).toContain("aborted");
    expect(errors).toEqual([]);
  });

  test("a handler that throws cancels: `internal`, or its own code; an unknown name too", async () => {
    const { hub, joined, world, errors } = setup();
    hub.onStream("bug", () => {
      throw new Error("secret");
    });
    hub.onStream("no", async () => {
      throw new FailureError("forbidden", "not you");
    });
    const client = await joined();
    const logs = ["bug", "no", "__proto__"].map((name) => {
      const log = logOf();
      client.openStream(name, undefined, log.handler);
      return log;
    });
    await world.settle();
    expect(logs.map(({ cancelled }) => cancelled)).toEqual([
      ["internal", "the handler failed"],
      ["forbidden", "not you"],
      ["unknown-name", 'There is no stream "__proto__" here.'],
    ]);
    expect(errors).toHaveLength(1);
  });

  test("more streams than `limits.streams` are cancelled `busy`; events go on beside open ones", async () => {
    const { hub, joined, world } = setup({ limits: { streams: 3 } });
    hub.onStream("wait", () => new Promise(() => {}));
    hub.handle("ping", () => "pong");
    const client = await joined();
    const logs = [1, 2, 3, 4].map(() => {
      const log = logOf();
      client.openStream("wait", undefined, log.handler);
      return log;
    });
    const answer = client.request("ping");
    await world.settle();
    expect(logs.map(({ cancelled }) => cancelled?.[0])).toEqual([
      undefined,
      undefined,
      undefined,
      "busy",
    ]);
    expect(await answer).toMatchObject({ data: "pong" });
  });

  test("unread items are bounded in bytes: the stream is cancelled, the peer stays", async () => {
    const { hub, joined, world } = setup({ limits: { streamBytes: 10_000 } });
    hub.onStream("greedy", () => new Promise(() => {}));
    const client = await joined();
    const { log } = pour(
      client,
      "greedy",
      null,
      Array.from({ length: 60 }, () => "x".repeat(1_000)),
    );
    await world.settle();
    expect(log.cancelled?.[0]).toBe("busy");
    expect(client.session.live).toBeDefined();
  });

  test("§5.7 a lost session fails streams with `lost`", async () => {
    const { hub, joined, world } = setup();
    let code = "";
    hub.onStream("up", async (_peer, stream) => {
      await stream.result.catch((error: FailureError) => {
        code = error.code;
      });
    });
    const client = await joined();
    client.openStream("up", undefined, logOf().handler);
    await world.settle();
    hub.peer(client.session.id ?? "")!.disconnect();
    await world.settle();
    expect(code).toBe("lost");
  });
});

describe("streams to a peer", () => {
  test("openStream sends, reads, and gets the client's last word", async () => {
    const { hub, joined, world } = setup();
    const client = await joined();
    const log = logOf();
    client.onOpen = (stream, data) => {
      stream.accept({ ...log.handler, end: () => stream.end({ got: log.items.length, data }) });
      stream.send("hello");
    };
    const peer = hub.peer(client.session.id ?? "")!;
    const stream = peer.openStream("tokens", "prompt");
    const reading = (async () => {
      const items = [];
      for await (const item of stream) items.push(item);
      return items;
    })();
    await world.settle();
    for (const word of ["a", "b"]) await stream.send(word);
    stream.end();
    await world.settle();
    expect(log.items).toEqual(["a", "b"]);
    expect(await reading).toEqual(["hello"]);
    expect(await stream.result).toEqual({ got: 2, data: "prompt" });
  });

  test("a download goes in chunks, with progress, over a dropped link", async () => {
    const { hub, joined, world } = setup();
    const client = await joined({ latencyMs: 5 });
    const parts: Uint8Array[] = [];
    client.onOpen = (stream) =>
      stream.accept({
        data: (item) => {
          parts.push(item as Uint8Array);
          stream.consumed(1);
        },
        end: () => stream.end("saved"),
        cancel: () => {},
      });
    await world.pass(20);
    const peer = hub.peer(client.session.id ?? "")!;
    const bytes = Uint8Array.from({ length: 3_000_000 }, (_, i) => i * 7);
    const progress: number[] = [];
    const done = peer.download("file", { name: "a.bin", size: bytes.length }, [bytes], {
      onProgress: (sent) => progress.push(sent),
    });
    for (let turn = 0; turn < 200 && parts.length < 46; turn += 1) {
      await world.pass(10);
      if (turn % 5 === 2) {
        client.carrier.cut();
        client.connect();
      }
    }
    await world.pass(100);
    expect(await done).toBe("saved");
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.at(-1)).toBe(bytes.length);
  });

  test.each([
    [5, [new Uint8Array(4)], "gave 4 bytes, and its size was told as 5."],
    [5, [new Uint8Array(4), new Uint8Array(2)], "gave 6 bytes, and its size was told as 5."],
    [5, ["bytes"], "gave a string, and no Uint8Array."],
    ["5", [], "A file to be sent has a name, and a size"],
  ])(
    "files to the peer: of %j bytes %j are refused here, by name",
    async (size, source, message) => {
      const { hub, joined, world } = setup();
      const client = await joined();
      const cancelled: string[] = [];
      client.onOpen = (stream) =>
        stream.accept({
          data: () => stream.consumed(1),
          end: () => cancelled.push("never"),
          cancel: (code) => cancelled.push(code),
        });
      await world.pass(20);
      const peer = hub.peer(client.session.id ?? "")!;
      const file = { name: "a.bin", size: size as number };
      const refused = expect(peer.download("file", file, source as Uint8Array[])).rejects.toThrow(
        message,
      );
      await world.pass(100);
      await refused;
      expect(cancelled).toEqual(size === 5 ? ["internal"] : []);
    },
  );
});

describe("uploads", () => {
  const sha256 = () => createHash("sha256");
  const file = (size: number, type: string = "image/png") => ({
    name: "../../etc/passwd",
    size,
    type,
  });

  function withUpload() {
    // Items of streams are governed by credit, whatever the rate of events is.
    const made = setup({ limits: { bytesPerSecond: 20_000, bytesBurst: 20_000 } });
    const uploads: Upload[] = [];
    const saved: Uint8Array[] = [];
    const log: string[] = [];
    made.hub.onUpload(
      "picture",
      { sizeMax: 5_000_000, types: ["image/*", "text/plain"], sha256 },
      async (_peer, upload) => {
        uploads.push(upload);
        await upload.saveTo({
          write: async (bytes) => {
            await Promise.resolve();
            saved.push(bytes);
          },
          close: () => log.push("closed"),
          abort: () => log.push("aborted"),
        });
        return { url: `/files/${upload.sha256}` };
      },
    );
    return { ...made, uploads, saved, log };
  }

  function* chunks(bytes: Uint8Array, size: number = 65_536): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }

  test("a file arrives whole over three cuts of the link: same SHA-256, progress monotonic", async () => {
    const { joined, world, uploads, saved, log } = withUpload();
    const client = await joined({ latencyMs: 3 });
    await world.pass(10);
    const bytes = Uint8Array.from({ length: 4_000_000 }, (_, i) => (i * 31) >> 3);
    const digest = sha256().update(bytes).digest("hex");
    const progress: number[] = [];
    const { log: stream, flow } = pour(client, "picture", file(bytes.length), chunks(bytes), {
      sha256: digest,
    });
    for (let turn = 0; turn < 300 && stream.end === "not yet"; turn += 1) {
      await world.pass(7);
      const upload = uploads[0];
      if (upload !== undefined) upload.onProgress = (received) => progress.push(received);
      if (turn === 3 || turn === 8 || turn === 14) {
        client.carrier.cut();
        client.connect();
      }
      flow();
    }
    expect(stream.end).toEqual({ url: `/files/${digest}` });
    expect(Buffer.concat(saved).equals(bytes)).toBe(true);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.at(-1)).toBe(bytes.length);
    expect(log).toEqual(["closed"]);
  });

  test("size and type are checked before a byte, the claim again as bytes come", async () => {
    const { joined, world, log } = withUpload();
    const client = await joined();
    const kilo = new Uint8Array(1_000);
    const cases: [unknown, Iterable<unknown>, unknown, string | undefined][] = [
      [file(5_000_001), [], undefined, "too-large"],
      [file(1_000, "application/x-msdownload"), [], undefined, "forbidden"],
      [{ name: "x", size: -1 }, [], undefined, "invalid"],
      [{ name: "x", size: 1.5 }, [], undefined, "invalid"],
      [{ size: 1 }, [], undefined, "invalid"],
      [null, [], undefined, "invalid"],
      [file(1_000), [kilo, kilo], undefined, "too-large"],
      [file(2_000), [kilo], undefined, "invalid"],
      [file(1_000), ["not bytes"], undefined, "invalid"],
      [file(1_000), [kilo], { sha256: "0".repeat(64) }, "invalid"],
      [file(1_000, "IMAGE/PNG; x=1"), [kilo], undefined, undefined],
      [file(0), [], undefined, undefined],
    ];
    for (const [first, items, end, code] of cases) {
      const { log: stream } = pour(client, "picture", first, items, end);
      await world.settle();
      expect([stream.cancelled?.[0], first]).toEqual([code, first]);
    }
    expect(log.filter((word) => word === "closed")).toHaveLength(2);
    expect(log.filter((word) => word === "aborted")).toHaveLength(4);
    expect(client.session.live).toBeDefined();
  });

  test("a sink that fails cancels the upload, and a client that goes away aborts the sink", async () => {
    const { hub, joined, world, errors, log } = withUpload();
    hub.onUpload("broken", { sizeMax: 10_000 }, async (_peer, upload) => {
      await upload.saveTo({
        write: () => {
          throw new Error("disk full");
        },
        close: () => {},
        abort: () => log.push("broken aborted"),
      });
    });
    const client = await joined();
    const { log: stream } = pour(client, "broken", file(1_000), [new Uint8Array(1_000)]);
    await world.settle();
    expect(stream.cancelled?.[0]).toBe("internal");
    expect(String(errors[0])).toContain("disk full");
    const half = client.openStream("picture", file(2_000), logOf().handler);
    await world.settle();
    half.send(new Uint8Array(1_000));
    await world.settle();
    hub.peer(client.session.id ?? "")!.disconnect();
    await world.settle();
    expect(log).toEqual(["broken aborted", "aborted"]);
  });
});
