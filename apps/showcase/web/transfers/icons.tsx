// What can be done with a file, drawn; decoration beside words.
import type { JSX } from "preact";
import { Icon } from "../shell/icons.js";

export const PauseIcon = (): JSX.Element => <Icon path="M9 5v14M15 5v14" />;
export const ResumeIcon = (): JSX.Element => <Icon path="M8 5v14l11-7Z" />;
export const AgainIcon = (): JSX.Element => (
  <Icon path="M19 5v5h-5M18.5 14a7 7 0 1 1-1.2-6.3L19 10" />
);
export const DownloadIcon = (): JSX.Element => <Icon path="M12 4v11M7 10.5l5 5 5-5M5 20h14" />;
export const UploadIcon = (): JSX.Element => <Icon path="M12 16V5M7 9.5l5-5 5 5M5 20h14" />;
export const RemoveIcon = (): JSX.Element => (
  <Icon path="M4 7h16M9.5 7V4h5v3M6.5 7l1 13h9l1-13M10 11v5M14 11v5" />
);
export const CheckIcon = (): JSX.Element => <Icon path="m5 12.5 4.5 4.5L19 7.5" />;
export const LinkIcon = (): JSX.Element => (
  <Icon path="M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.7-5.7L12 7M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.7 5.7L12 17" />
);
