// Decoration only, so that screen readers pass over them.
import type { JSX } from "preact";

export const PlayIcon = (): JSX.Element => (
  <svg class="icon solid" viewBox="0 0 24 24" aria-hidden="true">
    <path d="M7 4.5v15l12-7.5Z" />
  </svg>
);

export const StopIcon = (): JSX.Element => (
  <svg class="icon solid" viewBox="0 0 24 24" aria-hidden="true">
    <path d="M6 6h12v12H6Z" />
  </svg>
);

export const SaveIcon = (): JSX.Element => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d="M12 4v11M6.5 10 12 15.5 17.5 10M4 20h16" />
  </svg>
);
