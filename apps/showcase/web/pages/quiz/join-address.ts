// The address that phones open to join.
import { quizEntry } from "./entry.js";

/** As the page is reached: `location` has these. */
interface Place {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
}

export interface JoinAddress {
  /** For people: without what need not be typed. */
  readonly shown: string;
  readonly url: string;
  /** Whether others than this machine can open it. */
  readonly isReachable: boolean;
}

/**
 * @param hosts names by which the network reaches the server, for pages that came by a name that only
 *   this machine understands
 */
export function joinAddress(code: string, hosts: readonly string[], place: Place): JoinAddress {
  const { protocol, hostname, port } = place;
  const path = `#/${quizEntry.name}`;
  const isLocal = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  const name = isLocal ? (hosts[0] ?? hostname) : hostname;
  const host = port ? `${name}:${port}` : name;
  return {
    shown: `${protocol === "https:" ? "https://" : ""}${host}/${path}`,
    url: `${protocol}//${host}/${path}/${code}`,
    isReachable: !isLocal || hosts.length > 0,
  };
}
