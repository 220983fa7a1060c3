import { expect, test } from "vitest";
import { computeAccept } from "../../../../web/pages/wire/accept-steps.js";
import { explainHeader, headerOf, readHead } from "../../../../web/pages/wire/explain-header.js";

const request = [
  "GET /tidewire HTTP/1.1",
  "Host: localhost:8080",
  "Connection: Upgrade",
  "Pragma: no-cache",
  "Cache-Control: no-cache",
  "User-Agent: Mozilla/5.0",
  "Upgrade: websocket",
  "Origin: http://localhost:8080",
  "Sec-WebSocket-Version: 13",
  "Accept-Encoding: gzip, deflate, br, zstd",
  "Accept-Language: en",
  "Cookie: (masked, 12 characters)",
  "Sec-Fetch-Dest: empty",
  "Sec-Fetch-Mode: websocket",
  "Sec-Fetch-Site: same-origin",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
  "Sec-WebSocket-Protocol: tidewire.v1.json",
  "",
  "",
].join("\r\n");

test("§1.3 the accept value of the RFC's example, step by step", () => {
  expect(computeAccept("dGhlIHNhbXBsZSBub25jZQ==")).toEqual({
    key: "dGhlIHNhbXBsZSBub25jZQ==",
    keyHex: "7468652073616d706c65206e6f6e6365",
    joined: "dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
    digestHex: "b37a4f2cc0624f1690f64606cf385945b2bec4ea",
    accept: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  });
});

test("every line of a browser's request is explained, and unknown ones are not made up", () => {
  const { first, lines } = readHead(request);
  expect(first).toBe("GET /tidewire HTTP/1.1");
  expect(lines).toHaveLength(17);
  for (const { name } of lines) expect(explainHeader(name), name).toMatch(/\.$/);
  expect(explainHeader("X-Of-Tomorrow")).toBeUndefined();
  expect(headerOf(request, "sec-websocket-VERSION")).toBe("13");
  expect(headerOf(request, "Sec-WebSocket-Accept")).toBeUndefined();
});
