// Bytes as hexadecimal and letters, side by side.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { isNarrow } from "../../shell/narrow.js";
import { hexRows } from "./hex.js";

const bytesAtFirst = 128;

interface HexDumpProps {
  readonly label: string;
  readonly bytes: Uint8Array;
}

export function HexDump({ label, bytes }: HexDumpProps): JSX.Element {
  const isAll = useSignal(false);
  const shown = isAll.value ? bytes : bytes.subarray(0, bytesAtFirst);
  const rest = bytes.length - shown.length;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within the keyboard's reach. */}
      <section class="hex" aria-label={label} tabIndex={0}>
        {hexRows(shown, isNarrow.value ? 8 : 16).map(({ offset, hex, ascii }) => (
          <div key={offset}>
            <span class="hex-offset">{offset}</span>
            <span class="hex-bytes">{hex}</span>
            <span class="hex-text">{ascii}</span>
          </div>
        ))}
      </section>
      {rest > 0 && (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            isAll.value = true;
          }}
        >
          Show {rest.toLocaleString("en")} bytes more
        </button>
      )}
    </>
  );
}
