// Drawn for this page; decoration only, so that screen readers pass over them.
import type { JSX } from "preact";

/** @param path in a square of 24, drawn with strokes */
export function Icon({ path }: { path: string }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}

export const BrandIcon = (): JSX.Element => <Icon path="M3 9q4.5-5 9 0t9 0M3 16q4.5-5 9 0t9 0" />;
export const SendIcon = (): JSX.Element => <Icon path="M12 20V5M5.5 11.5 12 5l6.5 6.5" />;
export const DownIcon = (): JSX.Element => <Icon path="M12 4v15M5.5 12.5 12 19l6.5-6.5" />;
export const CloseIcon = (): JSX.Element => <Icon path="M6 6l12 12M18 6 6 18" />;
export const PeopleIcon = (): JSX.Element => (
  <Icon path="M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M16 4.3a3.5 3.5 0 0 1 0 6.4M18 14.5c2 .7 3.2 2.6 3.5 5.5" />
);
export const PencilIcon = (): JSX.Element => <Icon path="m4 20 1-4.5L16 4.5l3.5 3.5-11 11L4 20Z" />;
export const ClockIcon = (): JSX.Element => (
  <Icon path="M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5.5l3.5 2" />
);
export const PlusIcon = (): JSX.Element => <Icon path="M12 5v14M5 12h14" />;
export const MenuIcon = (): JSX.Element => <Icon path="M4 7h16M4 12h16M4 17h16" />;
export const CopyIcon = (): JSX.Element => <Icon path="M9 9h11v11H9ZM15 9V4H4v11h5" />;
