// What is printed once the server is ready.
import type { Settings } from "./command-line.js";
import { lanHosts } from "./lan-hosts.js";
import type { RunningServer } from "./start-server.js";

export function formatWelcome(
  { port, certificate, operationsToken }: RunningServer,
  { host, tls, operationsToken: chosen }: Settings,
): string {
  const scheme = tls ? "https" : "http";
  const urls = listHosts(host).map((name) => `${scheme}://${name}:${port}`);
  const lines = [
    "",
    `  Tidewire is ready:  ${urls.join("\n                      ")}`,
    "",
    "  Open it in two tabs, and chat with yourself.",
  ];
  if (isLocal(host)) lines.push("  For phones in your network: npm start -- --host 0.0.0.0");
  // One that was chosen is known, and not to be read over a shoulder.
  lines.push(
    "",
    chosen === undefined
      ? `  For you alone, operations:  ${urls[0]}/#/operations/${operationsToken}`
      : `  For you alone, operations:  ${urls[0]}/#/operations with your token`,
  );
  if (certificate) {
    lines.push(
      "",
      "  SHA-256 fingerprint of the certificate:",
      `  ${certificate.fingerprint}`,
      "  A self-signed one makes the browser warn once; compare the fingerprint, then continue.",
    );
  }
  return [...lines, "  Ctrl-C stops it.", ""].join("\n");
}

function listHosts(host: string): string[] {
  if (isLocal(host)) return ["localhost"];
  if (host !== "0.0.0.0" && host !== "::") return [host.includes(":") ? `[${host}]` : host];
  return ["localhost", ...lanHosts()];
}

function isLocal(host: string): boolean {
  return host === "127.0.0.1" || host === "localhost" || host === "::1";
}
