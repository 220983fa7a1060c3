// What stands before a file's name: a small picture of it, or its kind in letters.
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { extensionOf } from "../../shared/transfers/file-name.js";
import "./file-tile.css";

interface FileTileProps {
  readonly name: string;
  readonly picture: ImageBitmap | undefined;
}

export function FileTile({ name, picture }: FileTileProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (canvas.current === null || picture === undefined) return;
    canvas.current.width = picture.width;
    canvas.current.height = picture.height;
    canvas.current.getContext("2d")?.drawImage(picture, 0, 0);
  }, [picture]);
  if (picture !== undefined) {
    return <canvas ref={canvas} class="file-tile" role="img" aria-label={`Preview of ${name}`} />;
  }
  return (
    <span class="file-tile" aria-hidden="true">
      {extensionOf(name).slice(0, 4) || "file"}
    </span>
  );
}
