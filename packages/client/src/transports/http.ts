// What a page loads beside its main bundle: the transports over fetch, and the probe.

export { sse, stream } from "./open-response.js";
export { longPolling, polling } from "./polling.js";
export { probe } from "./probe.js";
