import { connect } from "@tidewire/websocket";
import { expect, it } from "vitest";
import { certificate, privateKey } from "../support/certificate.js";
import { acceptance, headerOf, startRawServer } from "../support/raw-server.js";

const HEADERS = { Authorization: "Bearer secret", Cookie: "id=1", "X-Own": "1" };

function redirect(location: string, status = 302): string {
  return `HTTP/1.1 ${status} Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;
}

it("redirects are not followed unless asked for, and told", async () => {
  const server = await startRawServer((socket) => socket.write(redirect("/elsewhere")));
  const error = await connect(server.url).catch((reason) => reason);
  expect(error).toMatchObject({ code: "redirect", status: 302 });
  expect(error.headers.get("location")).toBe("/elsewhere");
});

it.each([301, 302, 303, 307, 308])(
  "%i is followed, within the same origin with all headers",
  async (status) => {
    const server = await startRawServer((socket, request, index) =>
      socket.write(index === 0 ? redirect("/there?x#fragment", status) : acceptance(request)),
    );
    (await connect(server.url, { followRedirects: 1, headers: HEADERS })).terminate();
    expect(server.requests[1]).toMatch(/^GET \/there\?x HTTP/);
    expect(headerOf(server.requests[1]!, "Authorization")).toBe("Bearer secret");
    expect(headerOf(server.requests[1]!, "Cookie")).toBe("id=1");
  },
);

it("to another origin what identifies the user stays behind, and does not come back", async () => {
  const first = await startRawServer((socket, request, index) =>
    socket.write(index === 0 ? redirect(`http://127.0.0.1:${second.port}/`) : acceptance(request)),
  );
  const second = await startRawServer((socket) => socket.write(redirect(first.url)));
  (await connect(first.url, { followRedirects: 2, headers: HEADERS })).terminate();
  for (const request of [second.requests[0]!, first.requests[1]!]) {
    expect(headerOf(request, "Authorization")).toBeUndefined();
    expect(headerOf(request, "Cookie")).toBeUndefined();
    expect(headerOf(request, "X-Own")).toBe("1");
  }
});

it("a loop ends after followRedirects", async () => {
  const server = await startRawServer((socket) => socket.write(redirect("/again")));
  await expect(connect(server.url, { followRedirects: 3 })).rejects.toMatchObject({
    code: "redirect",
    message: expect.stringContaining("followRedirects (3)"),
  });
  expect(server.requests).toHaveLength(4);
});

it.each(["ws+unix:/run/secret.sock:/", "ftp://example.org/", "http://[", "http://exa\tmple org/"])(
  "a redirect to %j is refused",
  async (location) => {
    const server = await startRawServer((socket) => socket.write(redirect(location)));
    await expect(connect(server.url, { followRedirects: 1 })).rejects.toMatchObject({
      code: "redirect",
    });
  },
);

it("a redirect from wss: to ws: is refused", async () => {
  const plain = await startRawServer((socket, request) => socket.write(acceptance(request)));
  const secure = await startRawServer((socket) => socket.write(redirect(plain.url)), {
    tls: { cert: certificate, key: privateKey },
  });
  await expect(
    connect(secure.url, { followRedirects: 1, tls: { ca: certificate } }),
  ).rejects.toMatchObject({ code: "redirect", message: expect.stringContaining("wss:") });
  expect(plain.requests).toHaveLength(0);
});
