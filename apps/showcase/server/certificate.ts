// The key and certificate for https: and wss:, from files or made on the spot.
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { createSecureContext } from "node:tls";

export interface Certificate {
  /** PEM. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  /** SHA-256, as browsers show it. */
  readonly fingerprint: string;
}

/** The files cannot be used; the message says why and what to do. */
export class CertificateError extends Error {}

const daysValid = 30;
const dayMs = 86_400_000;

/** @throws {CertificateError} when a file is missing, not PEM, or the two do not belong together */
export function readCertificate(certPath: string, keyPath: string): Certificate {
  const cert = readPem("--cert", certPath);
  const key = readPem("--key", keyPath);
  if (!cert.includes("-----BEGIN CERTIFICATE-----")) {
    throw new CertificateError(`--cert ${certPath} holds no certificate in PEM format.`);
  }
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key)) {
    throw new CertificateError(`--key ${keyPath} holds no private key in PEM format.`);
  }
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw new CertificateError(explainRefusal(error, certPath, keyPath), { cause: error });
  }
  return { cert, key, fingerprint: new X509Certificate(cert).fingerprint256 };
}

/**
 * Makes a self-signed certificate for this machine. It is kept nowhere: browsers will ask about it
 * once per start.
 *
 * @param host the address that is listened on
 */
export async function makeCertificate(host: string): Promise<Certificate> {
  // Only who asks for it should wait for this library.
  const { generate } = await import("selfsigned");
  const names = ["localhost", hostname(), ...(isIP(host) ? [] : [host])];
  const addresses = ["127.0.0.1", "::1", ...ownAddresses()];
  const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    algorithm: "sha256",
    notAfterDate: new Date(Date.now() + daysValid * dayMs),
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          ...[...new Set(names)].map((value) => ({ type: 2 as const, value })),
          ...[...new Set(addresses)].map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
  });
  return { cert, key, fingerprint: new X509Certificate(cert).fingerprint256 };
}

function readPem(option: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const reason =
      code === "ENOENT"
        ? "there is no such file"
        : code === "EACCES"
          ? "you may not read it"
          : code === "EISDIR"
            ? "it is a folder"
            : String(error);
    throw new CertificateError(`${option} ${path} cannot be read: ${reason}.`, { cause: error });
  }
}

function explainRefusal(error: unknown, certPath: string, keyPath: string): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ERR_OSSL_X509_KEY_VALUES_MISMATCH" || code === "ERR_OSSL_X509_KEY_TYPE_MISMATCH") {
    return `The key in ${keyPath} is not the key of the certificate in ${certPath}.`;
  }
  if (/PASSWORD|BAD_DECRYPT|INTERRUPTED|CRYPTO_CANCELLED/.test(code)) {
    return `The key in ${keyPath} is encrypted. Decrypt it first: openssl pkey -in ${keyPath} -out key.pem`;
  }
  const detail = error instanceof Error ? error.message : String(error);
  return `${certPath} and ${keyPath} cannot be used for TLS: ${detail}`;
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map(({ address }) => address.replace(/%.*$/, ""));
}
