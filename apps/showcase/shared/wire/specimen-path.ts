/** Where a WebSocket is that compresses, to be looked at: the hub's own do not. */
export const specimenPath = "/wire-specimen";
