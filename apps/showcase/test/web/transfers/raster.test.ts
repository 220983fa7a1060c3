import { describe, expect, test } from "vitest";
import { pixelsMax, readRaster } from "../../../web/transfers/raster.js";

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === "string" ? [...part].map((character) => character.charCodeAt(0)) : part,
    ),
  );
const u32 = (value: number) => [
  value >>> 24,
  (value >>> 16) & 255,
  (value >>> 8) & 255,
  value & 255,
];
const png = (width: number, height: number) =>
  bytes("\x89PNG\r\n\x1a\n", u32(13), "IHDR", u32(width), u32(height), [8, 2, 0, 0, 0]);
const chunk = (name: string, ...body: (string | number[])[]) =>
  bytes("RIFF", [0, 0, 0, 0], "WEBP", name, [0, 0, 0, 0], ...body);

describe("pictures by their first bytes", () => {
  test.each([
    ["PNG", png(600, 400), { type: "png", width: 600, height: 400 }],
    ["GIF87a", bytes("GIF87a", [0x2c, 1, 200, 0]), { type: "gif", width: 300, height: 200 }],
    ["GIF89a", bytes("GIF89a", [10, 0, 20, 0]), { type: "gif", width: 10, height: 20 }],
    [
      "JPEG, after an APP1 of its own",
      bytes([
        0xff, 0xd8, 0xff, 0xe1, 0, 4, 1, 2, 0xff, 0xdb, 0, 2, 0xff, 0xc2, 0, 11, 8, 1, 0x2c, 2,
        0x58,
      ]),
      { type: "jpeg", width: 600, height: 300 },
    ],
    [
      "WebP, lossy",
      chunk("VP8 ", [0, 0, 0, 0x9d, 1, 0x2a, 0x58, 0x42, 0x90, 0x81]),
      { type: "webp", width: 600, height: 400 },
    ],
    [
      "WebP, lossless",
      chunk("VP8L", [0x2f, 0x57, 0xc2, 0x63, 0x00]),
      { type: "webp", width: 600, height: 400 },
    ],
    [
      "WebP, extended",
      chunk("VP8X", [0, 0, 0, 0, 0x57, 2, 0, 0x8f, 1, 0]),
      { type: "webp", width: 600, height: 400 },
    ],
  ])("%s", (_, head, raster) => {
    expect(readRaster(head)).toEqual(raster);
    for (let length = 0; length < head.length - 5; length += 1) {
      expect(() => readRaster(head.subarray(0, length))).not.toThrow();
    }
  });

  test.each([
    ["nothing", bytes()],
    ["SVG", bytes('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ["HTML", bytes("<!doctype html><script>alert(1)</script>")],
    ["HTML behind the beginning of a PNG", bytes("\x89PNG\r\n\x1a\n<script>alert(1)</script>")],
    ["a picture without an area", png(0, 10)],
    ["a JPEG that ends in its first segment", bytes([0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff])],
    ["a JPEG of nothing but zeros", bytes([0xff, 0xd8], new Array<number>(100).fill(0))],
  ])("%s is none", (_, head) => {
    expect(readRaster(head)).toBeUndefined();
  });

  test("as many pixels as may be decoded, and one row more", () => {
    expect(readRaster(png(pixelsMax / 1_000, 1_000))).toBeDefined();
    expect(readRaster(png(pixelsMax / 1_000, 1_001))).toBeUndefined();
    expect(readRaster(png(0xffff_ffff, 0xffff_ffff))).toBeUndefined();
  });
});
