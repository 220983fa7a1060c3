// Every page's handlers on the one hub: a line per page.
import type { PageServer, PageServices, ShowcaseHub } from "../hub/create-hub.js";
import { registerChat } from "./chat/register-chat.js";
import { registerStart } from "./start/register-start.js";

export function registerPages(hub: ShowcaseHub, services: PageServices): readonly PageServer[] {
  return [registerStart(hub, services), registerChat(hub)];
}
