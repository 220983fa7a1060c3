import { createHash } from "node:crypto";
import { createFetchHandler, defineContract, FailureError, Hub } from "@tidewire/hub";
import { expect, onTestFinished, test } from "vitest";
import {
  type Client,
  ClientError,
  type ClientOptions,
  connect,
  type Progress,
} from "../src/index.js";

/** The real hub, whose HTTP transports are called without a socket. `cut` breaks all that is open. */
function hubAndNetwork(hub: Hub): { options: ClientOptions; cut: () => void } {
  const handler = createFetchHandler(hub);
  const open = new Set<AbortController>();
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const abort = new AbortController();
    open.add(abort);
    const signal = AbortSignal.any([abort.signal, init.signal!]);
    const response = await handler(new Request(url, { ...init, signal }), { address: "192.0.2.1" });
    signal.throwIfAborted();
    if (response.body === null) return response;
    const body = response.body.pipeThrough(new TransformStream(), { signal });
    return new Response(body, { status: response.status, headers: response.headers });
  };
  onTestFinished(async () => {
    handler.close();
    await hub.close();
  });
  return {
    options: { platform: { fetch: fetch as typeof globalThis.fetch, WebSocket: undefined } },
    cut: () => {
      for (const abort of open) abort.abort(new TypeError("the network is gone"));
      open.clear();
    },
  };
}

function opened(options: ClientOptions): Client {
  const client = connect("http://localhost/tidewire", options);
  onTestFinished(() => client.close());
  return client;
}

for (const transport of ["sse", "stream", "long-polling", "polling"] as const) {
  test(`the hub over ${transport}: events, requests both ways, failures`, async () => {
    const hub = new Hub();
    const { options, cut } = hubAndNetwork(hub);
    hub.on("connect", (peer) => peer.join("lobby"));
    hub.on("say", (_, text) => hub.to("lobby").emit("said", text));
    hub.handle("sum", (_, numbers) => (numbers as number[]).reduce((a, b) => a + b, 0));
    hub.handle("fail", () => {
      throw new FailureError("no-money", "Not enough.", { data: 3 });
    });
    const client = opened({ ...options, transports: [transport] });
    const said: unknown[] = [];
    client.on("said", (text) => said.push(text));
    client.handle("where", () => "here");
    await client.ready();
    expect(client.transport).toBe(transport);
    await expect(client.request("sum", [1, 2, 3])).resolves.toBe(6);
    await expect(client.request("fail")).rejects.toMatchObject({ code: "no-money", data: 3 });
    const peer = hub.peer(client.session!)!;
    await expect(peer.request("where", undefined)).resolves.toBe("here");
    for (let i = 0; i < 50; i += 1) {
      client.emit("say", i);
      if (i === 25) cut();
    }
    await expect.poll(() => said.length, { timeout: 15_000 }).toBe(50);
    expect(said).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });
}

test("a contract, presence and the history of a room, on both ends", async () => {
  const contract = defineContract({ client: { say: {} }, server: { said: {} } });
  const hub = new Hub({ contract, rooms: () => ({ presence: true, history: true }) });
  const { options } = hubAndNetwork(hub as unknown as Hub);
  hub.on("connect", (peer) => peer.join("lobby"));
  hub.on("say", () => hub.to("lobby").emit("said"));
  const client = connect("http://localhost/tidewire", { ...options, contract });
  onTestFinished(() => client.close());
  const errors: unknown[] = [];
  client.watch("error", (error) => errors.push(error));
  const counts: number[] = [];
  client.onPresence(({ count }, { room }) => room === "lobby" && counts.push(count));
  const next = client.once("said");
  client.emit("say");
  await next;
  await expect.poll(() => counts).toEqual([1]);
  expect(client.position("lobby")).toMatchObject({ offset: 1 });
  expect(errors).toEqual([]);
});

test("File streams: 4 MiB, cut three times, arrive whole with the same SHA-256", async () => {
  const hub = new Hub();
  const { options, cut } = hubAndNetwork(hub);
  const digests: unknown[] = [];
  hub.onUpload(
    "photo",
    { sizeMax: 10_000_000, types: ["image/*"], sha256: () => createHash("sha256") },
    async (_, upload) => {
      let cuts = 0;
      for await (const chunk of upload) {
        if (upload.received > cuts * 1_000_000 && cuts < 3) {
          cuts += 1;
          cut();
        }
        void chunk;
      }
      digests.push(upload.sha256);
      return upload.file.name;
    },
  );
  const client = opened({ ...options, transports: ["stream", "long-polling"] });
  const bytes = new Uint8Array(4 * 1024 * 1024).map((_, i) => (i * 31 + (i >> 8)) % 256);
  const digest = createHash("sha256").update(bytes).digest("hex");
  const progress: Progress[] = [];
  const upload = client.upload("photo", new Blob([bytes], { type: "image/png" }), {
    name: "p.png",
    sha256: digest,
    onProgress: (step) => progress.push(step),
  });
  await expect(upload).resolves.toBe("p.png");
  expect(digests).toEqual([digest]);
  expect(progress.at(-1)).toEqual({ bytes: bytes.length, total: bytes.length });
  for (let i = 1; i < progress.length; i += 1) {
    expect(progress[i]!.bytes).toBeGreaterThan(progress[i - 1]!.bytes);
  }
  const refused = client.upload("photo", new Uint8Array(10), { type: "text/plain" });
  await expect(refused).rejects.toMatchObject({ code: "forbidden" });
});

test("File streams: a digest that is made while the file is read is compared by the hub", async () => {
  const hub = new Hub();
  const { options } = hubAndNetwork(hub);
  const digests: unknown[] = [];
  hub.onUpload("log", { sizeMax: 1_000, sha256: () => createHash("sha256") }, async (_, upload) => {
    for await (const chunk of upload) void chunk;
    digests.push(upload.sha256);
  });
  const client = opened(options);
  const send = (forged = "") => {
    const hash = createHash("sha256").update(forged);
    async function* source(): AsyncGenerator<Uint8Array> {
      for (let value = 0; value < 3; value += 1) {
        const piece = new Uint8Array(100).fill(value);
        hash.update(piece);
        yield piece;
      }
    }
    return client.upload("log", source(), { size: 300, sha256: () => hash.digest("hex") });
  };
  await send();
  const whole = Uint8Array.from({ length: 300 }, (_, at) => Math.floor(at / 100));
  expect(digests).toEqual([createHash("sha256").update(whole).digest("hex")]);
  await expect(send("something else")).rejects.toMatchObject({ code: "invalid" });
  expect(digests).toHaveLength(1);
});

test("a token that the hub refuses is named, and told nowhere", async () => {
  const hub = new Hub({ onError: () => {} });
  hub.authenticate(({ token }) => {
    if (token !== "good") throw new Error(`bad token ${token}`);
    return { user: "ada" };
  });
  const { options } = hubAndNetwork(hub);
  const client = opened({ ...options, token: "secret-token" });
  await expect(client.ready()).rejects.toMatchObject({
    data: { reason: "unauthorised", code: 4401 },
  });
  expect(JSON.stringify(client.failure)).not.toContain("secret-token");
});

test("a stream of the hub's ends with its handler here, as one of ours does with the hub's", async () => {
  const hub = new Hub();
  const { options } = hubAndNetwork(hub);
  const client = opened({ ...options, transports: ["stream"] });
  client.onStream("all", async (stream) => {
    const items: unknown[] = [];
    for await (const item of stream) items.push(item);
    return items;
  });
  client.onStream("first", async (stream) => {
    for await (const item of stream) return item;
    return undefined;
  });
  client.onStream("refuse", async (stream) => {
    for await (const item of stream) throw new ClientError("too-bitter", String(item));
  });
  client.onStream("ignore", () => {});
  await client.ready();
  const peer = hub.peer(client.session!)!;
  const all = peer.openStream("all");
  await all.send(1);
  await all.send(2);
  all.end();
  await expect(all.result).resolves.toEqual([1, 2]);
  expect(all.isOver).toBe(true);
  const first = peer.openStream("first");
  await first.send("tea");
  await expect(first.result).resolves.toBe("tea");
  await expect.poll(() => first.isOver).toBe(true);
  await expect(first.send("more")).rejects.toMatchObject({ code: "aborted" });
  const refused = peer.openStream("refuse");
  await refused.send("wormwood");
  await expect(refused.result).rejects.toMatchObject({ code: "too-bitter", message: "wormwood" });
  const ignored = peer.openStream("ignore");
  await expect(ignored.result).resolves.toBeUndefined();
  await expect.poll(() => ignored.isOver).toBe(true);
});

test("files that are not what was said of them: both ends hear in words what is wrong", async () => {
  const hub = new Hub();
  const { options } = hubAndNetwork(hub);
  const client = opened({ ...options, transports: ["stream"] });
  client.onDownload("report", (report) => report.then((blob) => blob.size));
  hub.onUpload("photo", { sizeMax: 100 }, async (_, upload) => {
    for await (const chunk of upload) void chunk;
  });
  await client.ready();
  const peer = hub.peer(client.session!)!;
  const stream = peer.openStream("report", { name: "r", size: 5 });
  await stream.send(new Uint8Array(4));
  stream.end();
  const message = "The file ended after 4 of 5 bytes.";
  await expect(stream.result.then(() => stream.send(1))).rejects.toMatchObject({ message });
  const strings = (async function* () {
    yield "text" as never;
  })();
  await expect(client.upload("photo", strings, { size: 4 })).rejects.toThrow(
    "The source of an upload gave a string, and no Uint8Array.",
  );
  await expect(client.upload("photo", "a.png" as never, { size: 4 })).rejects.toThrow(
    "The source of an upload is a string, and holds no bytes.",
  );
});
