import { expect, test } from "vitest";
import { exportHex, exportJson } from "../../../../web/pages/wire/export-frames.js";
import { frameOf, packetFrame } from "./frame-making.js";

const frames = [
  packetFrame({ type: "event", name: "n", data: "é" }, { key: [1, 2, 3, 4], position: 3 }),
  frameOf("x".repeat(20), { length: 500 }),
];

test("JSON has links, handshakes, headers, payloads and packets", () => {
  const link = {
    item: {
      type: "link" as const,
      link: 1,
      at: 0,
      transport: "websocket",
      handshake: { request: "GET", response: "HTTP", isCounted: true, secure: false },
      isWhole: false,
    },
    end: undefined,
  };
  const file = JSON.parse(exportJson([link], frames));
  expect(file.links).toMatchObject([{ link: 1, handshake: { request: "GET" } }]);
  expect(file.frames).toMatchObject([
    {
      direction: "up",
      fin: true,
      opcode: "text",
      masked: true,
      position: 3,
      packet: { type: "event", name: "n", data: "é" },
      missing: 0,
    },
    { direction: "down", length: 500, missing: 480 },
  ]);
  const payload = Buffer.from(file.frames[0].payload, "hex").toString();
  expect(JSON.parse(payload)).toMatchObject({ name: "n" });
});

test("the hex dump has header and payload as on the line", () => {
  const [first = "", second = ""] = exportHex(frames).split("\n\n");
  expect(first).toMatch(/^# \d+ \S+ page > server text\n0000 {2}81 [0-9a-f ]+ {2}\S+/);
  expect(second).toContain("# and 480 bytes more");
  const bytes = [...first.matchAll(/^[0-9a-f]{4} {2}([0-9a-f ]{47})/gm)].flatMap(([, hex = ""]) =>
    hex.trim().split(" "),
  );
  const [frame] = frames;
  expect(bytes).toHaveLength((frame?.item.header.length ?? 0) + (frame?.header.length ?? 0));
});
