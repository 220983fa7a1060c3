// Drawn for the conversation; decoration beside words.
import type { JSX } from "preact";
import { Icon } from "../../shell/icons.js";

export const AttachIcon = (): JSX.Element => (
  <Icon path="M20 11.5 12 19.4a5 5 0 0 1-7.1-7.1l8-7.9a3.3 3.3 0 0 1 4.7 4.7l-7.9 7.9a1.7 1.7 0 0 1-2.4-2.4l7.2-7.1" />
);
export const PrivateIcon = (): JSX.Element => (
  <Icon path="M4 5h16v11H10l-4.5 4v-4H4ZM8.5 10.5h.01M12 10.5h.01M15.5 10.5h.01" />
);
export const TickIcon = (): JSX.Element => <Icon path="m6 12.5 4 4L18 8" />;
export const TwoTicksIcon = (): JSX.Element => <Icon path="m2 12.5 4 4L14 8M11 15.5l1 1L20.5 8" />;
