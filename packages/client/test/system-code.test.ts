import { expect, test } from "vitest";
import { systemCode } from "../src/system-code.js";
import { Scene } from "./support/scene.js";

test("the code of an error, or of what caused it, and nothing that is no code of a system", () => {
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  expect(systemCode(refused)).toBe("ECONNREFUSED");
  expect(systemCode(new TypeError("fetch failed", { cause: refused }))).toBe("ECONNREFUSED");
  expect(systemCode(Object.assign(new Error("x"), { code: "too-large" }))).toBeUndefined();
  expect(systemCode(new DOMException("x", "AbortError"))).toBeUndefined();
  expect(systemCode(new Error("x", { cause: "ECONNREFUSED" }))).toBeUndefined();
  const round = new Error("x");
  round.cause = round;
  expect(systemCode(round)).toBeUndefined();
  expect(systemCode(undefined)).toBeUndefined();
});

test.each([
  [undefined, "nothing answered"],
  ["https://page.test/", "nothing answered, or CORS hides the answer"],
])("without a code, of a client at %s: %s", async (baseUrl, detail) => {
  const scene = new Scene();
  const fetch = (): Promise<never> => Promise.reject(new TypeError("Failed to fetch"));
  const client = scene.connect({ transports: ["sse"], platform: { fetch, baseUrl } });
  await scene.time.until(() => client.failure !== undefined);
  expect(client.failure).toMatchObject({ reason: "refused", detail });
  client.close();
});

test("a WebSocket alone that tells its error, while the hub answers over HTTP", async () => {
  const scene = new Scene();
  class Refused {
    onclose: ((event: object) => void) | null = null;
    onerror: ((event: object) => void) | null = null;
    constructor() {
      scene.time.after(10, () => {
        const error = Object.assign(new Error("reset"), { code: "ECONNRESET" });
        this.onerror?.({ error });
        this.onclose?.({ code: 1006, reason: "" });
      });
    }
    close(): void {}
  }
  const client = scene.connect({
    transports: ["websocket"],
    platform: { WebSocket: Refused as never },
  });
  await scene.time.until(() => client.failure !== undefined);
  expect(client.failure).toMatchObject({ reason: "blocked", transport: "websocket" });
  expect(client.failure?.detail).toMatch(/does not let WebSockets through: ECONNRESET$/);
  client.close();
});
