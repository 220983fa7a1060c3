/** Who sent a request that stays plain HTTP, by the same rules as for an upgrade. */
import type { IncomingMessage } from "node:http";
import { HeaderLines } from "@tidewire/ws-protocol";
import { normalizeAddress } from "./client-address.js";
import { readForwarded, type TrustProxy } from "./proxy-trust.js";

/** What is known of the client of a request. */
export interface RequestClient {
  /** Its address, as far as `trustProxy` allows; "" when there is none (a Unix socket). */
  readonly address: string;
  /** Whether it used TLS, towards us or the outermost trusted proxy. */
  readonly secure: boolean;
  /** The host that it asked for; "" when it named none. */
  readonly host: string;
}

/** For transports beside a `WebSocketServer`, which must not judge clients in another way. */
export function clientOf(message: IncomingMessage, trust?: TrustProxy): RequestClient {
  const { socket, headers } = message;
  const { remoteAddress } = socket;
  const peer = remoteAddress === undefined ? "" : (normalizeAddress(remoteAddress) ?? "");
  const encrypted = (socket as { encrypted?: boolean }).encrypted === true;
  const asked = headers.host ?? headers[":authority"];
  const host = typeof asked === "string" ? asked : "";
  if (trust === undefined) return { address: peer, secure: encrypted, host };
  const forwarded = readForwarded(HeaderLines.fromRaw(message.rawHeaders), peer, trust);
  const proto = forwarded?.proto;
  return {
    address: forwarded?.address ?? peer,
    secure: proto === undefined ? encrypted : proto === "https" || proto === "wss",
    host: forwarded?.host ?? host,
  };
}
