// A bar with its figures. For the eye it changes all the time; a screen reader finds it when it looks for
// it, and is told only what becomes of the file.
import type { JSX } from "preact";
import type { Gauge } from "./gauge.js";
import "./transfers.css";
import { describeAmount, describePace } from "./words.js";

interface TransferBarProps {
  readonly gauge: Gauge;
  /** What is on its way where: `Sending report.pdf`. */
  readonly label: string;
  /** Before the figures, where there is more than one bar. */
  readonly title?: string;
  /** Instead of speed and remaining time: why nothing moves. */
  readonly state?: string;
}

export function TransferBar({ gauge, label, title, state }: TransferBarProps): JSX.Element {
  const bytes = gauge.bytes.value;
  const { size } = gauge;
  const percent = size === 0 ? 100 : Math.floor((bytes / size) * 100);
  return (
    <div class="transfer-bar" data-still={state !== undefined}>
      <progress aria-label={label} value={size === 0 ? 1 : bytes} max={size === 0 ? 1 : size} />
      <p>
        <span>
          {title !== undefined && `${title} · `}
          {percent} %<span class="amount"> · {describeAmount(bytes, size)}</span>
        </span>
        <span>{state ?? describePace(gauge)}</span>
      </p>
    </div>
  );
}
