/** How many connections there are, in all and per address; a place is taken before the handshake. */
import {
  DEFAULT_CONNECTIONS_PER_ADDRESS_MAX,
  type ResolvedServerLimits,
} from "../websocket-limits.js";
import { addressGroup, isPublicAddress, normalizeAddress } from "./client-address.js";

export class ConnectionCounts {
  /** All places taken. */
  total = 0;

  readonly #limits: ResolvedServerLimits;
  /** Whether addresses are those of clients, not perhaps of a proxy that connects for all. */
  readonly #addressesAreClients: boolean;
  readonly #byGroup = new Map<string, number>();

  constructor(limits: ResolvedServerLimits, addressesAreClients: boolean) {
    this.#limits = limits;
    this.#addressesAreClients = addressesAreClients;
  }

  get full(): boolean {
    return this.total >= this.#limits.connectionsMax;
  }

  /** The bound for `address`, a normal one or "" if unknown. */
  maxFor(address: string): number {
    if (address === "") return Number.POSITIVE_INFINITY;
    const given = this.#limits.connectionsPerAddressMax;
    if (given !== undefined) return given;
    return this.#addressesAreClients || isPublicAddress(address)
      ? DEFAULT_CONNECTIONS_PER_ADDRESS_MAX
      : Number.POSITIVE_INFINITY;
  }

  /** Takes a place; false if the address has all of its places. */
  take(address: string): boolean {
    const group = address === "" ? "" : addressGroup(address);
    const taken = this.#byGroup.get(group) ?? 0;
    if (taken >= this.maxFor(address)) return false;
    this.#byGroup.set(group, taken + 1);
    this.total++;
    return true;
  }

  release(address: string): void {
    const group = address === "" ? "" : addressGroup(address);
    const taken = this.#byGroup.get(group)!;
    if (taken === 1) this.#byGroup.delete(group);
    else this.#byGroup.set(group, taken - 1);
    this.total--;
  }

  /** How many places are taken by `address`, or by the /64 it belongs to. */
  of(address: string): number {
    const normal = normalizeAddress(address);
    return normal === undefined ? 0 : (this.#byGroup.get(addressGroup(normal)) ?? 0);
  }
}
