// Every page's handlers on the one hub: a line per page.
import type { PageServer, PageServices, ShowcaseHub } from "../hub/create-hub.js";
import { labProgram } from "../lab-program.js";
import { registerChat } from "./chat/register-chat.js";
import { registerFiles } from "./files/register-files.js";
import { measureCpuWith } from "./lab/measure-cpu.js";
import { registerLab } from "./lab/register-lab.js";
import { registerOperations } from "./operations/register-operations.js";
import { registerQuiz } from "./quiz/register-quiz.js";
import { registerStart } from "./start/register-start.js";
import { registerWire } from "./wire/register-wire.js";

export function registerPages(hub: ShowcaseHub, services: PageServices): readonly PageServer[] {
  return [
    registerStart(hub, services),
    registerChat(hub, services),
    registerFiles(hub, services),
    registerQuiz(hub, services),
    registerLab(hub, measureCpuWith(labProgram)),
    registerWire(hub),
    registerOperations(hub, services),
  ];
}
