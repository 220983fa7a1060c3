// The line of a transport in the charts: colour and dashes, so that colour alone never tells.
import type { JSX } from "preact";
import type { LabTransport } from "../../../shared/lab/contract.js";

export const dashes: Readonly<Record<LabTransport, number[]>> = {
  polling: [2, 3],
  "long-polling": [10, 3, 2, 3],
  stream: [5, 3],
  sse: [14, 4],
  websocket: [],
};

export function Swatch({ transport }: { transport: LabTransport }): JSX.Element {
  return (
    <svg class="swatch" data-transport={transport} viewBox="0 0 28 8" aria-hidden="true">
      <line x1="0" y1="4" x2="28" y2="4" stroke-dasharray={dashes[transport].join(" ")} />
    </svg>
  );
}
