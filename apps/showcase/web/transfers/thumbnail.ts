// A small picture of a file, if it is one. Only its pixels leave this function: nothing of the file
// gets an address, so that nothing of it can be opened or run.
import { headBytes, type Raster, readRaster } from "./raster.js";

/** Larger files take too long to decode for what is seen of them. */
const fileBytesMax = 20_971_520;
/** Of the longer edge, in pixels; twice what is shown, for fine screens. */
const edgePixels = 128;

/**
 * Undefined when it is no picture, or not one that may be shown; never rejects.
 *
 * @param edge the longer edge at most, in pixels
 */
export async function drawThumbnail(
  file: Blob,
  edge: number = edgePixels,
): Promise<ImageBitmap | undefined> {
  if (file.size > fileBytesMax) return undefined;
  try {
    const raster = await findRaster(file);
    if (raster === undefined) return undefined;
    const picture = new Blob([file], { type: `image/${raster.type}` });
    const isWide = raster.width >= raster.height;
    const longer = Math.min(edge, Math.max(raster.width, raster.height));
    const options = isWide ? { resizeWidth: longer } : { resizeHeight: longer };
    return await createImageBitmap(picture, { ...options, resizeQuality: "medium" });
  } catch {
    return undefined; // It is broken, or the browser cannot read it.
  }
}

/** What it says of itself, if it is a picture that may be shown. Rejects when it cannot be read. */
export async function findRaster(file: Blob): Promise<Raster | undefined> {
  return readRaster(new Uint8Array(await file.slice(0, headBytes).arrayBuffer()));
}
