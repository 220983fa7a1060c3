/** Addresses of clients: how they are written, which count together, which are public. */
import { isIP } from "node:net";

const MAPPED_PREFIX = "::ffff:";

/**
 * An address as Node or a proxy writes it, in one form: without port, brackets and zone, and an
 * IPv4 address that came through IPv6 as plain IPv4. `undefined` if it is none.
 */
export function normalizeAddress(text: string): string | undefined {
  let address = text;
  if (address[0] === "[") address = address.slice(1, address.indexOf("]"));
  else if (address.indexOf(":") === address.lastIndexOf(":")) {
    const colon = address.indexOf(":");
    if (colon !== -1) address = address.slice(0, colon);
  }
  const zone = address.indexOf("%");
  if (zone !== -1) address = address.slice(0, zone);
  if (address.startsWith(MAPPED_PREFIX) && isIP(address.slice(MAPPED_PREFIX.length)) === 4) {
    return address.slice(MAPPED_PREFIX.length);
  }
  return isIP(address) === 0 ? undefined : address.toLowerCase();
}

/**
 * What a normal address is counted by: IPv4 by itself, IPv6 by its /64, since whoever has one
 * address of a /64 has all of them (RFC 6177 §2).
 */
export function addressGroup(address: string): string {
  if (!address.includes(":")) return address;
  const groups = firstGroups(address);
  return `${groups.join(":")}::/64`;
}

/** The first four groups, whatever `::` stands for. */
function firstGroups(address: string): string[] {
  const gap = address.indexOf("::");
  const before = gap === -1 ? address : address.slice(0, gap);
  const groups = before === "" ? [] : before.split(":");
  if (gap !== -1 && groups.length < 4) {
    const after = address.slice(gap + 2);
    const tail = after === "" ? [] : after.split(":");
    // An IPv4 address at the end fills two groups.
    const tailGroups = tail.length + (after.includes(".") ? 1 : 0);
    const zeros = 8 - groups.length - tailGroups;
    for (let index = 0; index < zeros; index++) groups.push("0");
    groups.push(...tail);
  }
  return groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
}

/** Whether a normal address can come from the Internet, rather than from this host or its network. */
export function isPublicAddress(address: string): boolean {
  return address.includes(":") ? isPublic6(address) : isPublic4(address);
}

/** RFC 1918, RFC 6598 (shared by carriers and used inside clusters), loopback and link-local. */
function isPublic4(address: string): boolean {
  if (
    address.startsWith("127.") ||
    address.startsWith("10.") ||
    address.startsWith("192.168.") ||
    address.startsWith("169.254.")
  ) {
    return false;
  }
  const second = Number(address.split(".", 2)[1]);
  if (address.startsWith("172.")) return second < 16 || second > 31;
  if (address.startsWith("100.")) return second < 64 || second > 127;
  return true;
}

/** RFC 4193 (fc00::/7), link-local (fe80::/10) and loopback. */
function isPublic6(address: string): boolean {
  return address !== "::1" && !/^f[cd][0-9a-f]{2}:|^fe[89ab][0-9a-f]:/.test(address);
}
