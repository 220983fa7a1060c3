/**
 * What a reverse proxy says about the client: `X-Forwarded-For`, `-Proto` and `-Host`. Anybody can
 * send these headers, so they count only as far as the operator trusts who added them.
 */
import type { HeaderLines } from "@tidewire/ws-protocol";
import { normalizeAddress } from "./client-address.js";

/**
 * How many proxies stand in front of this server, each of which adds to `X-Forwarded-For`; or
 * whether an address is that of such a proxy.
 */
export type TrustProxy = number | ((address: string) => boolean);

/** @throws {TypeError | RangeError} when it is neither a count nor a function. */
export function assertTrustProxy(trust: TrustProxy | undefined): void {
  if (trust === undefined || typeof trust === "function") return;
  if (typeof trust !== "number") {
    throw new TypeError(
      "trustProxy must be the number of proxies in front, or a function that says whether an address is one",
    );
  }
  if (Number.isSafeInteger(trust) && trust >= 0) return;
  throw new RangeError(`trustProxy must be the number of proxies in front, from 0, not ${trust}`);
}

export interface Forwarded {
  /** The client's address in normal form. */
  readonly address: string;
  /** The client's scheme and host towards the outermost trusted proxy; undefined if not said. */
  readonly proto: string | undefined;
  readonly host: string | undefined;
}

/** @param peer normal address of who connected, "" if it has none (a Unix socket). */
export function readForwarded(
  headers: HeaderLines,
  peer: string,
  trust: TrustProxy,
): Forwarded | undefined {
  const chain = listOf(headers, "x-forwarded-for");
  const { hops, address } =
    typeof trust === "number" ? countHops(chain, peer, trust) : followTrust(chain, peer, trust);
  if (hops === 0) return undefined;
  return {
    address,
    proto: hopValue(headers, "x-forwarded-proto", hops)?.toLowerCase(),
    host: hopValue(headers, "x-forwarded-host", hops),
  };
}

/** Each proxy appends who connected to it, so the client of `n` proxies is the n-th from the end. */
function countHops(chain: readonly string[], peer: string, hops: number): Hops {
  const entry = hops === 0 ? undefined : chain[Math.max(0, chain.length - hops)];
  return { hops, address: (entry && normalizeAddress(entry)) || peer };
}

function followTrust(
  chain: readonly string[],
  peer: string,
  isProxy: (address: string) => boolean,
): Hops {
  let address = peer;
  let hops = 0;
  while (isProxy(address)) {
    hops++;
    const next = normalizeAddress(chain[chain.length - hops] ?? "");
    // What is no address names nobody: the last proxy that is known stands for its client.
    if (next === undefined) break;
    address = next;
  }
  return { hops, address };
}

interface Hops {
  readonly hops: number;
  readonly address: string;
}

/** Some proxies overwrite these headers, some append: it is the same place in the list if there is. */
function hopValue(headers: HeaderLines, name: string, hops: number): string | undefined {
  const list = listOf(headers, name);
  return list[Math.max(0, list.length - hops)];
}

function listOf(headers: HeaderLines, name: string): string[] {
  const list: string[] = [];
  for (const line of headers.values(name)) {
    for (const element of line.split(",")) {
      const trimmed = element.trim();
      if (trimmed !== "") list.push(trimmed);
    }
  }
  return list;
}
