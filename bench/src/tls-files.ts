// A certificate for this run, made by OpenSSL's own program.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TlsFiles {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

/** @throws {Error} when there is no `openssl`. */
export function createTlsFiles(): TlsFiles {
  const folder = mkdtempSync(join(tmpdir(), "tidewire-bench-"));
  const key = join(folder, "key.pem");
  const cert = join(folder, "cert.pem");
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
  const name = ["-subj", "/CN=localhost", "-days", "2"];
  try {
    const files = ["-nodes", "-keyout", key, "-out", cert];
    execFileSync("openssl", ["req", "-x509", ...curve, ...name, ...files], { stdio: "pipe" });
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
