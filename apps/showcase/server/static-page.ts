// Serves the built page.
import { existsSync, readFileSync } from "node:fs";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { join } from "node:path";
import send from "send";
import { setSecurityHeaders } from "./security-headers.js";

/** Files there have a digest of their content in their name. */
const hashedFolder = "/assets/";
const forever = "public, max-age=31536000, immutable";
const ask = "no-cache";

/** The page is not built; the message says what to do. */
export class PageMissingError extends Error {}

/**
 * @param folder what `vite build` made
 * @throws {PageMissingError} when there is no page in it
 */
export function servePage(folder: string): RequestListener {
  const notFoundPath = join(folder, "404.html");
  if (!existsSync(notFoundPath) || !existsSync(join(folder, "index.html"))) {
    throw new PageMissingError(`There is no built page in ${folder}: run npm start to build it.`);
  }
  const notFound = readFileSync(notFoundPath);
  return (request, response) => {
    setSecurityHeaders(response);
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("Allow", "GET, HEAD");
      answer(request, response, 405, "text/plain", "Only GET and HEAD are understood here.\n");
      return;
    }
    const pathname = request.url?.split("?", 1)[0] ?? "/";
    send(request, pathname, { root: folder, cacheControl: false, dotfiles: "ignore" })
      .on("headers", (sent: ServerResponse, path: string) => {
        const isHashed = path.startsWith(join(folder, hashedFolder));
        sent.setHeader("Cache-Control", isHashed ? forever : ask);
      })
      // Without these it would answer by itself, with pages and a policy of its own.
      .on("directory", () => answer(request, response, 404, "text/html", notFound))
      .on("error", ({ status }: { status?: number }) => {
        if (response.headersSent) response.destroy();
        else if (status === 412) answer(request, response, 412, "text/plain", "It has changed.\n");
        else if (status === 416) answer(request, response, 416, "text/plain", "Out of range.\n");
        else answer(request, response, 404, "text/html", notFound);
      })
      .pipe(response);
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Buffer,
): void {
  response.writeHead(status, {
    "Content-Type": `${type}; charset=utf-8`,
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
