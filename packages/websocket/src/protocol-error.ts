import type { Fault } from "@tidewire/ws-protocol";

/** The peer broke a rule of the protocol, exceeded a limit, or fell silent. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(`${fault.detail} (${fault.code}, RFC 6455 §${fault.section})`);
    this.fault = fault;
  }
}
