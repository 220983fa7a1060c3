// That a client is gone, as the transports are told it.

/**
 * What is used of an `AbortSignal`, which is one. Making a real one for every request costs more than
 * most requests do, so a host may have its own.
 */
export interface Departure {
  readonly aborted: boolean;
  addEventListener(type: "abort", listen: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: "abort", listen: () => void): void;
}
