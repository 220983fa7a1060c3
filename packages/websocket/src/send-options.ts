/** How a message is sent. */
export interface SendOptions {
  /**
   * Send bytes as a text message; they must be UTF-8. Default: strings are text, all else binary.
   */
  readonly asText?: boolean | undefined;
  /**
   * Compress where permessage-deflate was negotiated and the message is long enough. Default true.
   * Turn it off for messages that mix a secret with what an attacker can choose.
   */
  readonly compress?: boolean | undefined;
}

export interface FragmentOptions {
  /** Whether the message ends with this part. Default false. */
  readonly last?: boolean | undefined;
  /** Default: text if the first part is a string. */
  readonly type?: "text" | "binary" | undefined;
  /** As `SendOptions.compress`; that of the first part counts. */
  readonly compress?: boolean | undefined;
}

export type StreamOptions = Pick<FragmentOptions, "type" | "compress">;
