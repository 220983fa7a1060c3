// Brings page and hub together on one port.
import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { attach } from "@tidewire/hub/node";
import { hubPath } from "../shared/hub-path.js";
import { type Certificate, makeCertificate, readCertificate } from "./certificate.js";
import { defaultHost, type Settings } from "./command-line.js";
import { createHub } from "./hub/create-hub.js";
import { drainMs, goodbyeMs, transportLimits } from "./hub/limits.js";
import { makeOperationsToken } from "./pages/operations/operations-token.js";
import { servePage } from "./static-page.js";

export interface RunningServer {
  readonly port: number;
  readonly certificate: Certificate | undefined;
  /** Opens the operations page. */
  readonly operationsToken: string;
  /** Says goodbye to all, and resolves when nothing is open any more. */
  close(): Promise<void>;
}

/** @throws what `explainStartError` explains */
export async function startServer(settings: Settings): Promise<RunningServer> {
  const page = servePage(fileURLToPath(new URL("../web", import.meta.url)));
  const certificate = settings.tls ? await chooseCertificate(settings) : undefined;
  const server: Server = certificate
    ? createHttpsServer({ cert: certificate.cert, key: certificate.key }, page)
    : createHttpServer(page);
  const sockets = trackSockets(server);
  const operationsToken = settings.operationsToken ?? makeOperationsToken();
  const running = createHub(chooseHosts(settings.host), operationsToken);
  const attached = attach(running.hub, server, { path: hubPath, limits: transportLimits });
  running.mount(server);
  try {
    await listen(server, settings);
  } catch (error) {
    await running.close();
    throw error;
  }
  return {
    port: (server.address() as AddressInfo).port,
    certificate,
    operationsToken,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      // Clients are told to come back later, those that do not answer are cut.
      await within(goodbyeMs, async () => {
        await running.hub.drain({ overMs: drainMs, retryMs: [500, 2_000] });
        await attached.close();
      });
      await running.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function chooseCertificate({ certificate, host }: Settings): Certificate | Promise<Certificate> {
  if (!certificate) return makeCertificate(host);
  return readCertificate(certificate.certPath, certificate.keyPath);
}

/**
 * A server for this machine only goes by this machine's names: else a page from elsewhere could
 * come in by a name of its own that points here (DNS rebinding).
 */
function chooseHosts(host: string): string[] | undefined {
  const isLocal = host === defaultHost || host === "localhost" || host === "::1";
  return isLocal ? ["localhost", "127.0.0.1", "[::1]"] : undefined;
}

/** Those that are open, WebSockets too, which Node gives out of its hands. */
function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return sockets;
}

/** Waits for the work, but not longer than that. */
async function within(ms: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work(), limit]);
  clearTimeout(timer);
}

function listen(server: Server, { port, host }: Settings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
