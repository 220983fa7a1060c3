// What a page can do without when it starts: a chunk of its own, loaded at the first need of it, and
// in any case once there is a link. Everything here is reached through `loadLater`.

export { Answers } from "./answers.js";
export { askForAck } from "./ask-for-ack.js";
export { binaryCodec } from "./binary-codec.js";
export { Course } from "./course.js";
export { collectFile, readFile, readFileInfo } from "./read-file.js";
export { renewToken } from "./renew-token.js";
export { sendFile } from "./send-file.js";
export { StreamFlow } from "./stream-flow.js";
export { sse, stream } from "./transports/open-response.js";
export { longPolling, polling } from "./transports/polling.js";
