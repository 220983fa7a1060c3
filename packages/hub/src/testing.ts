// For those who write a backplane: the contract of the port, as tests for any runner.

export {
  type BackplaneCase,
  type BackplaneSubject,
  backplaneContract,
} from "./backplane/contract.js";
