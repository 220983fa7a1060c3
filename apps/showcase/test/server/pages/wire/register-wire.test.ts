import { createHash } from "node:crypto";
import { WebSocket } from "@tidewire/websocket";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { framesBurst, inspectionsMax } from "../../../../server/pages/wire/limits.js";
import { readHeader } from "../../../../shared/wire/frame-header.js";
import { cutEntries, payloadBytesMax } from "../../../../shared/wire/limits.js";
import type { ShowcaseClient } from "../../../../web/session/session.js";
import { tokenOf } from "../../../chat-scene.js";
import { repeatKey } from "./repeat-key.js";
import { WireScene } from "./wire-scene.js";

let scene: WireScene;

beforeEach(async () => {
  scene = await WireScene.open();
});

afterEach(() => scene.close());

/** Resolves when the server has echoed it. */
function said(page: ShowcaseClient, id: string): Promise<void> {
  return new Promise((resolve) => {
    const off = page.on("wire.said", (saying) => {
      if (saying.id !== id) return;
      off();
      resolve();
    });
  });
}

async function say(page: ShowcaseClient, id: string, text: string): Promise<void> {
  const echo = said(page, id);
  page.emit("wire.say", { id, text });
  await echo;
}

describe("looking at one's own connection", () => {
  test("the handshake is told as it was, and its accept value is right", async () => {
    const page = await scene.page("ada");
    const watch = await scene.watch(page, "ada");
    await expect.poll(() => watch.items.length).toBeGreaterThan(0);
    const [link] = watch.items;
    if (link?.type !== "link") throw new Error(`${link?.type} came first`);
    expect(link).toMatchObject({ link: 1, transport: "websocket", isWhole: false });
    const { request = "", response = "", isCounted, requestBytes } = link.handshake ?? {};
    expect(request).toMatch(/^GET \/tidewire HTTP\/1\.1\r\n[\s\S]+\r\n\r\n$/);
    expect(requestBytes).toBe(request.length);
    expect(isCounted).toBe(true);
    const key = /^sec-websocket-key: (.+)\r$/im.exec(request)?.[1] ?? "";
    const accept = createHash("sha1")
      .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    expect(response).toContain(`Sec-WebSocket-Accept: ${accept}\r\n`);
  });

  test("frames of both directions, with their packets and their places in the logs", async () => {
    const page = await scene.page("ada");
    await say(page, "before", "not seen");
    const watch = await scene.watch(page, "ada");
    await say(page, "one", "x".repeat(200));
    await say(page, "two", "y".repeat(70_000));
    await expect.poll(() => watch.frames.filter(({ packet }) => packet === "event").length).toBe(4);
    const events = watch.frames.filter(({ packet }) => packet === "event");
    expect(events.map(({ direction, position }) => `${direction} ${position}`)).toEqual([
      "up 2", // After the saying before, and the request for the ticket.
      "down 2",
      "up 3",
      "down 3",
    ]);
    const headers = events.map(({ header }) => readHeader(header));
    expect(headers.map((header) => header?.lengthBits)).toEqual([16, 16, 64, 64]);
    expect(headers.map((header) => header?.masked)).toEqual([true, false, true, false]);
    expect(headers.every((header) => header?.fin && header.opcode < 3)).toBe(true);
    expect(Buffer.from(events[0]?.payload ?? []).toString()).toContain("x".repeat(200));
    expect(events[2]?.payload).toHaveLength(payloadBytesMax);
    expect(watch.text).not.toContain("not seen");
    expect(watch.reports.at(-1)?.counts).toMatchObject({ sent: 4, received: 4 });
  });

  test("a Ping on demand is answered by a Pong", async () => {
    const page = await scene.page("ada");
    const watch = await scene.watch(page, "ada");
    expect(await watch.client.request("wire.ping")).toEqual({ isSent: true });
    const controls = () =>
      watch.frames
        .map(({ header, direction }) => `${direction} ${readHeader(header)?.opcode}`)
        .filter((text) => /9|10/.test(text));
    await expect.poll(controls).toEqual(["down 9", "up 10"]);
    await say(page, "after", "The connection goes on.");
  });

  test("over HTTP there is nothing to tap, cut or ping, which is told", async () => {
    const page = await scene.page("ada", { transports: ["sse"] });
    const watch = await scene.watch(page, "ada");
    await expect.poll(() => watch.items.length).toBe(1);
    expect(watch.items[0]).toMatchObject({ type: "link", transport: "sse", isWhole: false });
    expect(await watch.client.request("wire.cut", { id: "x" })).toEqual({ isDead: false });
    expect(await watch.client.request("wire.ping")).toEqual({ isSent: false });
    expect(scene.tapped()).toEqual([]);
  });
});

describe("cutting the line", () => {
  test("what was on the dead line is sent again over the next one, which is seen from its first byte", async () => {
    const page = await scene.page("ada");
    const heard: string[] = [];
    page.on("wire.said", ({ id }) => heard.push(id));
    const watch = await scene.watch(page, "ada");
    await say(page, "first", "first");
    const answers: string[] = [];
    page.watch("linked", ({ answer }) => answers.push(answer));
    expect(await watch.client.request("wire.cut", { id: "cut" })).toEqual({ isDead: true });
    for (let n = 1; n <= cutEntries; n += 1) {
      page.emit("wire.say", { id: `cut-up-${n}`, text: "up" });
    }
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(1 + 2 * cutEntries);
    expect(new Set(heard).size).toBe(heard.length);
    expect(answers).toEqual(["resumed"]);
    const types = () => watch.items.map(({ type }) => type);
    await expect.poll(() => types().filter((type) => type === "link").length).toBe(2);
    const end = watch.items.find((item) => item.type === "end");
    expect(end).toMatchObject({ link: 1, isCut: true });
    if (end?.type !== "end") throw new Error("no end");
    const { sent, acknowledged, received, retained } = end.counts;
    expect({ sent, received, retained }).toEqual({
      sent: 2 + cutEntries,
      received: 2,
      retained: sent - acknowledged,
    });
    const lost = watch.frames.filter(({ isLost }) => isLost);
    expect(lost.map(({ packet }) => packet)).toEqual(Array(cutEntries).fill("event"));
    await expect
      .poll(() => watch.frames.filter(({ link }) => link === 2).length)
      .toBeGreaterThan(7);
    const second = watch.frames.filter(({ link }) => link === 2);
    expect(second.slice(0, 2).map(({ direction, packet }) => `${direction} ${packet}`)).toEqual([
      "up hello",
      "down welcome",
    ]);
    const places = (direction: string) =>
      second.filter((frame) => frame.direction === direction).map(({ position }) => position);
    // The first saying and its echo were there before; the echo may not have been acknowledged.
    expect(places("up").filter(Number.isInteger)).toEqual([2, 3, 4]);
    expect(places("down").filter(Number.isInteger).slice(0, 4)).toEqual(
      expect.arrayContaining(lost.map(({ position }) => position)),
    );
    expect(watch.items.filter(({ type }) => type === "link")[1]).toMatchObject({ isWhole: true });
  });

  test("a new link takes over from an old one that still stands, and the old one's end is told", async () => {
    const page = await scene.page("ada");
    const watch = await scene.watch(page, "ada");
    await say(page, "first", "first");
    // The page gives its link up without a word to its socket: the server learns by the next hello.
    const [socket] = scene.tapped();
    const back = new Promise((resolve) => page.watch("linked", resolve));
    socket?.pause();
    socket?.end();
    expect(await back).toMatchObject({ answer: "resumed" });
    await say(page, "second", "second");
    const told = () =>
      watch.items.filter(({ type }) => type !== "frame").map(({ type, link }) => `${type} ${link}`);
    await expect.poll(told).toEqual(["link 1", "end 1", "link 2"]);
    expect(watch.frames.filter(({ link }) => link === 2).map(({ packet }) => packet)).toContain(
      "welcome",
    );
    await expect.poll(() => watch.text).toContain("second");
    const again = new Promise((resolve) => page.watch("linked", resolve));
    for (const each of scene.tapped()) each.destroy();
    await again;
    await expect.poll(told).toEqual(["link 1", "end 1", "link 2", "end 2", "link 3"]);
  });

  test("a second cut at once does nothing; an inspector who leaves does not leave a dead line", async () => {
    const page = await scene.page("ada");
    const watch = await scene.watch(page, "ada");
    expect(await watch.client.request("wire.cut", { id: "a" })).toEqual({ isDead: true });
    expect(await watch.client.request("wire.cut", { id: "b" })).toEqual({ isDead: false });
    const back = new Promise((resolve) => page.watch("linked", resolve));
    watch.client.close();
    expect(await back).toMatchObject({ answer: "resumed" });
    await say(page, "after", "It goes on.");
  });
});

describe("nobody sees another's bytes", () => {
  test("a ticket is good for its own session and person only, and only once", async () => {
    const ada = await scene.page("ada");
    const eve = await scene.page("eve");
    const { ticket } = await ada.request("wire.inspect");
    await expect(eve.request("wire.watch", { ticket })).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(ada.request("wire.watch", { ticket })).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(eve.request("wire.watch", { ticket: "guess" })).rejects.toMatchObject({
      code: "forbidden",
    });
    const second = await scene.page("ada", { transports: ["sse"] });
    expect(await second.request("wire.watch", { ticket })).toEqual({ session: ada.session });
    const third = await scene.page("ada", { transports: ["sse"] });
    await expect(third.request("wire.watch", { ticket })).rejects.toMatchObject({
      code: "forbidden",
    });
    // A second ticket makes the first worthless.
    const { ticket: former } = await ada.request("wire.inspect");
    await ada.request("wire.inspect");
    await expect(third.request("wire.watch", { ticket: former })).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  test("others who talk, come and reconnect meanwhile are not in the reports", async () => {
    const bob = await scene.page("bob");
    const ada = await scene.page("ada");
    const watch = await scene.watch(ada, "ada");
    await say(bob, "b1", "Secret of Bob");
    const carol = await scene.page("carol");
    await say(carol, "c1", "Secret of Carol");
    await say(ada, "a1", "Own words");
    await expect.poll(() => watch.text).toContain("Own words");
    expect(watch.text).not.toContain("Secret");
    // Theirs were looked at until they had said whose they are, and then let go.
    expect(scene.tapped()).toHaveLength(1);
  });

  test("who repeats the key of another's handshake gets nothing of that connection", async () => {
    const ada = await scene.page("ada");
    const watch = await scene.watch(ada, "ada");
    await expect.poll(() => watch.items.length).toBe(1);
    const [link] = watch.items;
    const request = link?.type === "link" ? link.handshake?.request : undefined;
    const key = /^sec-websocket-key: (.+)\r$/im.exec(request ?? "")?.[1] ?? "";
    const { socket, ticket } = await repeatKey(scene.port, key, tokenOf("eve"));
    const eyes = await scene.page("eve", { transports: ["sse"] });
    const reports: string[] = [];
    eyes.on("wire.report", (report) => reports.push(JSON.stringify(report)));
    await eyes.request("wire.watch", { ticket });
    await say(ada, "a1", "Own words");
    await expect.poll(() => watch.text).toContain("Own words");
    await expect.poll(() => reports.length).toBeGreaterThan(0);
    expect(reports.join()).not.toContain('"frame"');
    socket.destroy();
    expect(scene.tapped()).toHaveLength(1);
  });

  test("who does not look can neither cut nor ping", async () => {
    const ada = await scene.page("ada");
    const eve = await scene.page("eve");
    await scene.watch(ada, "ada");
    expect(await eve.request("wire.cut", { id: "x" })).toEqual({ isDead: false });
    expect(await eve.request("wire.ping")).toEqual({ isSent: false });
  });
});

describe("secrets are masked", () => {
  test("cookies in the handshake, the token and the session's secrets in hello and welcome", async () => {
    const secrets = new Set<string>([tokenOf("ada")]);
    const page = await scene.page("ada");
    const watch = await scene.watch(page, "ada");
    await watch.client.request("wire.cut", { id: "x" });
    await expect
      .poll(() => watch.frames.some(({ packet }) => packet === "welcome"), {
        timeout: 10_000,
      })
      .toBe(true);
    const hello = watch.frames.find(({ packet }) => packet === "hello");
    const welcome = watch.frames.find(({ packet }) => packet === "welcome");
    const text = (frame: typeof hello) => Buffer.from(frame?.payload ?? []).toString("latin1");
    expect(text(hello)).toMatch(/"secret":"masked-masked-/);
    expect(text(hello)).toMatch(/"token":"masked-masked-/);
    expect(text(welcome)).toMatch(/"secret":"masked-masked-/);
    expect(hello?.isRedacted).toBe(true);
    for (const secret of secrets) expect(watch.text).not.toContain(secret);
    // As long as before: the frame's length is still right.
    expect(hello?.payload).toHaveLength(
      readHeader(hello?.header ?? new Uint8Array())?.length ?? -1,
    );
  });
});

describe("the compressed echo", () => {
  async function say(socket: WebSocket, text: string): Promise<unknown> {
    const answer = new Promise((resolve) => {
      socket.onmessage = ({ data }) => resolve(data);
    });
    socket.send(text);
    return await answer;
  }

  test("what is compressed is shown inflated, also when it refers to messages before", async () => {
    const page = await scene.page("ada");
    const watch = await scene.watch(page, "ada");
    const { ticket } = await watch.client.request("wire.specimen");
    const socket = new WebSocket(`${scene.specimenUrl}?ticket=${ticket}`, [], {
      perMessageDeflate: { thresholdBytes: 0 },
    });
    await new Promise((resolve) => {
      socket.onopen = resolve;
    });
    const text = Array.from({ length: 60 }, (_, n) => `tea ${n * n}`).join(", ");
    for (let n = 0; n < 3; n += 1) expect(await say(socket, text)).toBe(text);
    const seen = () => watch.frames.filter(({ inflated }) => inflated !== undefined);
    await expect.poll(() => seen().length).toBe(6);
    for (const frame of seen()) {
      expect(Buffer.from(frame.inflated ?? []).toString()).toBe(text);
      expect(frame.inflatedLength).toBe(text.length);
      expect(readHeader(frame.header)).toMatchObject({ rsv1: true, fin: true, opcode: 1 });
    }
    const sizes = seen()
      .filter(({ direction }) => direction === "down")
      .map(({ header }) => readHeader(header)?.length ?? 0);
    expect(sizes[0]).toBeLessThan(text.length);
    // The server refers to what it has sent before.
    expect(sizes[2]).toBeLessThan((sizes[0] ?? 0) / 4);
    const links = watch.items.filter((item) => item.type === "link");
    expect(links.map(({ transport }) => transport)).toEqual(["websocket", "specimen"]);
    const closed = new Promise((resolve) => {
      socket.onclose = resolve;
    });
    watch.client.close();
    await closed;
  });

  test("is for those who look, once per ticket", async () => {
    const page = await scene.page("ada");
    expect(await page.request("wire.specimen")).toEqual({});
    const watch = await scene.watch(page, "ada");
    const { ticket } = await watch.client.request("wire.specimen");
    const open = (text: string | undefined) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(`${scene.specimenUrl}?ticket=${text}`);
        socket.onopen = () => resolve("open");
        socket.onclose = () => resolve("refused");
      });
    expect(await open("guess")).toBe("refused");
    expect(await open(ticket)).toBe("open");
    expect(await open(ticket)).toBe("refused");
  });
});

describe("what it costs", () => {
  test("nobody looks: nothing is wrapped, and no timer left", async () => {
    const page = await scene.page("ada");
    await say(page, "one", "x");
    expect(scene.tapped()).toEqual([]);
    const watch = await scene.watch(page, "ada");
    expect(scene.tapped()).toHaveLength(1);
    watch.client.emit("wire.unwatch");
    await expect.poll(() => scene.tapped()).toEqual([]);
    await say(page, "two", "y");
    expect(watch.text).not.toContain('"two"');
  });

  test("the tap goes with the watcher, and with the session that was looked at", async () => {
    const page = await scene.page("ada");
    const first = await scene.watch(page, "ada");
    first.client.close();
    await expect.poll(() => scene.tapped()).toEqual([]);
    const second = await scene.watch(page, "ada");
    const isOver = second.client.once("wire.over");
    page.close();
    await isOver;
  });

  test("who looks anew takes the place of the former look", async () => {
    const page = await scene.page("ada");
    const first = await scene.watch(page, "ada");
    const isOver = first.client.once("wire.over");
    const second = await scene.watch(page, "ada");
    await isOver;
    await say(page, "one", "Only to the second");
    await expect.poll(() => second.text).toContain("Only to the second");
    expect(first.text).not.toContain("Only to the second");
    expect(scene.tapped()).toHaveLength(1);
  });

  test("a flood is not reported in full, and what was left out is counted", async () => {
    const page = await scene.page("ada");
    const watch = await scene.watch(page, "ada");
    const { hub } = scene.running;
    const peer = hub.peer(page.session ?? "");
    const count = 3 * framesBurst;
    let heard = 0;
    page.on("wire.said", () => {
      heard += 1;
    });
    for (let n = 0; n < count; n += 1) peer?.emit("wire.said", { id: `n${n}` });
    await expect.poll(() => heard).toBe(count);
    const omitted = () => watch.reports.reduce((sum, report) => sum + report.omitted, 0);
    const events = () => watch.frames.filter(({ packet }) => packet === "event").length;
    await expect.poll(() => omitted() + watch.frames.length).toBeGreaterThanOrEqual(count);
    expect(events()).toBeLessThan(count);
    expect(omitted()).toBeGreaterThan(0);
  });

  test(`more than ${inspectionsMax} at a time are refused`, async () => {
    for (let n = 0; n < inspectionsMax; n += 1) {
      await scene.watch(await scene.page(`tab${n}`), `tab${n}`);
    }
    const page = await scene.page("ada");
    await expect(scene.watch(page, "ada")).rejects.toMatchObject({ code: "busy" });
    // The socket of a crowd that is not looked at is not kept.
    await vi.waitFor(() => expect(scene.tapped()).toHaveLength(inspectionsMax));
  });
});
