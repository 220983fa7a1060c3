// The test kit: the seeded simulator and its parts, for the tests of whoever builds on the session.

export { type Carrier, type CarrierKind, openCarrier, type World } from "./testing/carrier.js";
export { Checker, type SessionRecord, Violation } from "./testing/checker.js";
export { Pipe, type PipeOptions } from "./testing/pipe.js";
export { Random } from "./testing/random.js";
export { SimulatedClient } from "./testing/simulated-client.js";
export { PollPort, type Seam, SimulatedServer } from "./testing/simulated-server.js";
export {
  type SimulationCounts,
  SimulationError,
  Simulator,
  type SimulatorOptions,
  simulatedLimits,
} from "./testing/simulator.js";
export { Timeline } from "./testing/timeline.js";
