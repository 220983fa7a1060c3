/** Which paths a server answers to. */

/** A path compared exactly, a predicate on it, or every path. */
export type PathRule = string | ((pathname: string) => boolean) | undefined;

/** @throws {TypeError} when a path could never match. */
export function assertPathRule(rule: PathRule): void {
  if (typeof rule !== "string") return;
  if (!rule.startsWith("/") || rule.includes("?") || rule.includes("#")) {
    throw new TypeError(
      `path must begin with a slash and have no query, such as "/chat"; it is ${JSON.stringify(rule)}`,
    );
  }
}

export function matchesPath(rule: PathRule, pathname: string): boolean {
  if (rule === undefined) return true;
  return typeof rule === "string" ? rule === pathname : rule(pathname);
}

/**
 * The path of a request target, as sent (percent-encoding stays). Of an absolute URL (RFC 9112
 * §3.2.2) it is what follows the host.
 */
export function pathnameOf(target: string): string {
  const start = target[0] === "/" ? 0 : pathStart(target);
  const end = target.indexOf("?", start);
  const pathname =
    start === 0 && end === -1 ? target : target.slice(start, end === -1 ? undefined : end);
  return pathname === "" ? "/" : pathname;
}

function pathStart(target: string): number {
  const authority = target.indexOf("://");
  if (authority === -1) return 0;
  for (let index = authority + 3; index < target.length; index++) {
    if (target[index] === "/" || target[index] === "?") return index;
  }
  return target.length;
}
