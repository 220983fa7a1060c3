// One connection for all tabs of an origin. An entry of its own, so that it does not weigh on pages
// that do not want it.

export { connectShared, SharedClient, type SharedOptions } from "./shared/shared-client.js";
