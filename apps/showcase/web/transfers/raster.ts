// Finds out whether a file is a picture that may be shown, by its first bytes and not by what its
// sender says: a raster image (never SVG, which is a document with scripts) of a size that a phone can
// decode. A few kilobytes can claim to be gigabytes of pixels.

export interface Raster {
  readonly type: "png" | "jpeg" | "gif" | "webp";
  readonly width: number;
  readonly height: number;
}

/** The photos of good cameras; 160 MB while it is decoded. */
export const pixelsMax = 40_000_000;
/** As much of a file as is looked at: a JPEG may have a preview of its own before its size. */
export const headBytes = 262_144;

/** @param head the first `headBytes`, or all there are */
export function readRaster(head: Uint8Array): Raster | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  try {
    const raster = readPng(view) ?? readGif(view) ?? readWebp(view) ?? readJpeg(view);
    if (raster === undefined || raster.width === 0 || raster.height === 0) return undefined;
    return raster.width * raster.height > pixelsMax ? undefined : raster;
  } catch (error) {
    if (error instanceof RangeError) return undefined; // It ends too early.
    throw error;
  }
}

/** PNG (third edition) §5.2, §11.2.1: the signature, then IHDR. */
function readPng(view: DataView): Raster | undefined {
  if (textAt(view, 0, 8) !== "\x89PNG\r\n\x1a\n" || textAt(view, 12, 4) !== "IHDR")
    return undefined;
  return { type: "png", width: view.getUint32(16), height: view.getUint32(20) };
}

/** GIF89a: the logical screen. */
function readGif(view: DataView): Raster | undefined {
  if (!/^GIF8[79]a$/.test(textAt(view, 0, 6))) return undefined;
  return { type: "gif", width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

/** RFC 9649 §2.4 to §2.7: lossy, lossless or extended. */
function readWebp(view: DataView): Raster | undefined {
  if (textAt(view, 0, 4) !== "RIFF" || textAt(view, 8, 4) !== "WEBP") return undefined;
  const type = "webp";
  switch (textAt(view, 12, 4)) {
    case "VP8 ": {
      const [width, height] = [view.getUint16(26, true), view.getUint16(28, true)];
      return { type, width: width & 0x3fff, height: height & 0x3fff };
    }
    case "VP8L": {
      const bits = view.getUint32(21, true);
      return { type, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case "VP8X": {
      const edge = (at: number) => view.getUint16(at, true) + (view.getUint8(at + 2) << 16) + 1;
      return { type, width: edge(24), height: edge(27) };
    }
    default:
      return undefined;
  }
}

/** ITU T.81 §B.1.1: segments until the one that begins the frame. */
function readJpeg(view: DataView): Raster | undefined {
  if (view.getUint16(0) !== 0xffd8) return undefined;
  for (let at = 2; ; ) {
    const marker = view.getUint16(at);
    if (marker < 0xffc0) return undefined;
    const isFrame = marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker);
    if (isFrame) {
      return { type: "jpeg", width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    }
    at += 2 + view.getUint16(at + 2);
  }
}

function textAt(view: DataView, at: number, length: number): string {
  if (view.byteLength < at + length) return "";
  return String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, length));
}
