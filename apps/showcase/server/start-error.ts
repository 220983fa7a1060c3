// Why the server could not start, and what to do about it.
import { CertificateError } from "./certificate.js";
import type { Settings } from "./command-line.js";
import { PageMissingError } from "./static-page.js";

export function explainStartError(error: unknown, { port, host }: Settings): string {
  if (error instanceof CertificateError || error instanceof PageMissingError) return error.message;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const other = port < 65_535 && port > 0 ? port + 1 : 8081;
  switch (code) {
    case "EADDRINUSE":
      return `Port ${port} is taken: another program listens on it, maybe a showcase that still runs.
Stop that one, or choose another port: npm start -- --port ${other}`;
    case "EACCES":
      return `Port ${port} may not be used by you: ports below 1024 often need special rights.
Choose another one: npm start -- --port 8080`;
    case "EADDRNOTAVAIL":
      return `This machine has no address ${host}. Use --host 127.0.0.1 for this machine only, or --host 0.0.0.0 for all of its addresses.`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `The host name ${host} is not known. Use --host 127.0.0.1 for this machine only, or --host 0.0.0.0 for all of its addresses.`;
    default:
      return `The server could not start: ${error instanceof Error ? error.stack : String(error)}`;
  }
}
