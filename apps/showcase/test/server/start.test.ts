// The showcase as a process: what its users see in the terminal, and what HTTP clients see.
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, connect as connectHub, type Failure } from "@tidewire/client/node";
import { CloseCode } from "@tidewire/session-protocol";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { WebSocket } from "ws";
import { type Certificate, makeCertificate } from "../../server/certificate.js";
import { contract } from "../../shared/contract.js";
import { hubPath } from "../../shared/hub-path.js";
import { type BuiltShowcase, buildShowcase } from "../build-showcase.js";
import { runShowcase, type ShowcaseProcess, startShowcase } from "../showcase-process.js";

let built: BuiltShowcase;
const running: ShowcaseProcess[] = [];

beforeAll(async () => {
  built = await buildShowcase();
}, 60_000);

afterEach(async () => {
  for (const showcase of running.splice(0)) await showcase.kill("SIGKILL");
});

afterAll(() => built.remove());

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): ShowcaseProcess {
  const showcase = runShowcase(built.entry, args, env);
  running.push(showcase);
  return showcase;
}

async function start(args: readonly string[] = []) {
  const showcase = await startShowcase(built.entry, { args });
  running.push(showcase);
  return showcase;
}

test("what a killed server has left on the disk is removed by the next one", async () => {
  const parent = mkdtempSync(join(built.folder, "tmp-"));
  const begin = async () => {
    const showcase = await startShowcase(built.entry, { env: { TMPDIR: parent } });
    running.push(showcase);
    return showcase;
  };
  const killed = await begin();
  const client = connectHub(`${killed.url}${hubPath}`, { contract, token: "0".repeat(32) });
  onTestFinished(() => client.close());
  await client.request("chat.join", { room: "lobby", name: "Ada" });
  const meta = { room: "lobby", id: "0".repeat(32) };
  await client.upload("chat.attach", new Blob(["left"]), { name: "a", size: 4, meta });
  const [folder = ""] = readdirSync(parent);
  expect(readdirSync(join(parent, folder))).toHaveLength(1);
  await killed.kill("SIGKILL");
  client.close();
  expect(readdirSync(parent)).toEqual([folder]);
  await begin();
  expect(readdirSync(parent)).toEqual([]);
});

describe("command line", () => {
  test("--help tells every option and ends with 0", async () => {
    const showcase = run(["--help"]);
    expect(await showcase.exited).toBe(0);
    for (const option of ["--port", "PORT=", "--host", "--tls", "--cert", "--key", "8080"]) {
      expect(showcase.output()).toContain(option);
    }
    for (const option of ["--operations-token", "TIDEWIRE_OPERATIONS_TOKEN="]) {
      expect(showcase.output()).toContain(option);
    }
  });

  test.each([
    [["--port", "eighty"], "'eighty' is invalid. Expected a whole number from 0 to 65535"],
    [["--port", "65536"], "Expected a whole number from 0 to 65535"],
    [["--port", "-1"], "Expected a whole number from 0 to 65535"],
    [["--port"], "argument missing"],
    [["--host", "a b"], "Expected an address such as 0.0.0.0"],
    [["--cert", "a.pem"], "--cert needs --key as well"],
    [["--key", "a.pem"], "--key needs --cert as well"],
    [["--prot", "1"], "(Did you mean --port?)"],
    [["8080"], "too many arguments"],
  ])("%j ends with 2 and says why", async (args, message) => {
    const showcase = run(args);
    expect(await showcase.exited).toBe(2);
    expect(showcase.output()).toContain(message);
    expect(showcase.output()).toContain("--help");
    expect(showcase.output()).not.toContain("    at ");
  });

  test("PORT is judged like --port, and named", async () => {
    const showcase = run([], { PORT: "80.5" });
    expect(await showcase.exited).toBe(2);
    expect(showcase.output()).toContain("PORT is '80.5'. Expected a whole number");
  });

  test.each([
    [["--operations-token", "much-too-short"], {}, "--operations-token must have 16 to 256"],
    [["--operations-token", "long enough but spaced"], {}, "--operations-token must have"],
    [[], { TIDEWIRE_OPERATIONS_TOKEN: "tiny" }, "TIDEWIRE_OPERATIONS_TOKEN must have 16 to 256"],
  ])(
    "a bad operations token ends with 2, and is not repeated: %j %j",
    async (args, env, message) => {
      const showcase = run(args, env);
      expect(await showcase.exited).toBe(2);
      expect(showcase.output()).toContain(message);
      const { TIDEWIRE_OPERATIONS_TOKEN: given = args[1] } = env as NodeJS.ProcessEnv;
      expect(showcase.output()).not.toContain(given);
    },
  );

  test("PORT is used, and --port wins over it", async () => {
    const byEnv = run([], { PORT: "0" });
    const [, port] = await byEnv.waitFor(/http:\/\/localhost:(\d+)/);
    expect(Number(port)).not.toBe(8080);
    const byOption = run(["--port", "0"], { PORT: String(port) });
    await byOption.waitFor(/http:\/\/localhost:\d+/);
  });

  test("a taken port ends with 1, and what to do is said", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const showcase = run(["--port", String(port)]);
    expect(await showcase.exited).toBe(1);
    expect(showcase.output()).toContain(`Port ${port} is taken`);
    expect(showcase.output()).toMatch(/choose another port: npm start -- --port \d+/);
    expect(showcase.output()).not.toContain("    at ");
    other.close();
  });

  test("an address that is not this machine's ends with 1, and what to do is said", async () => {
    const showcase = run(["--port", "0", "--host", "192.0.2.1"]);
    expect(await showcase.exited).toBe(1);
    expect(showcase.output()).toContain("has no address 192.0.2.1");
  });
});

describe("stopping", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s tells every client to come back later and ends with 0 within two seconds",
    async (signal) => {
      const showcase = await start();
      const clients = [await openSession(showcase.url), await openSession(showcase.url)];
      const closed = clients.map((client) => once(client, "close"));
      const before = performance.now();
      expect(await showcase.kill(signal)).toBe(0);
      expect(performance.now() - before).toBeLessThan(2_000);
      for (const [code] of await Promise.all(closed)) expect(code).toBe(CloseCode.draining);
    },
  );

  test("clients that do not answer, idle and half-sent requests do not hold it up", async () => {
    const showcase = await start();
    const client = await openSession(showcase.url);
    client.pause();
    const lines = ["", "GET / HTTP/1.1\r\nHost:"];
    const sockets = lines.map((line) => {
      const socket = connect(showcase.port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write(line || "\r\n");
      return socket;
    });
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    const before = performance.now();
    expect(await showcase.kill("SIGINT")).toBe(0);
    expect(performance.now() - before).toBeLessThan(2_000);
    client.terminate();
    for (const socket of sockets) socket.destroy();
  });

  test("pages on every transport are told to come back later, and do not hold it up", async () => {
    const showcase = await start();
    const transports = ["long-polling", "websocket", "sse", "stream", "polling"] as const;
    const fetched = vi.spyOn(globalThis, "fetch");
    onTestFinished(() => fetched.mockRestore());
    const clients: Client[] = [];
    const failures: Promise<Failure>[] = [];
    for (const transport of transports) {
      const client = connectHub(`${showcase.url}${hubPath}`, { transports: [transport] });
      clients.push(client);
      failures.push(new Promise((resolve) => client.watch("failure", resolve)));
      await client.ready();
      // The poll behind the hello, which is parked by the time the others are connected.
      if (transport === "long-polling") {
        await vi.waitFor(() => expect(fetched.mock.calls.length).toBeGreaterThanOrEqual(2), 5_000);
      }
    }
    const before = performance.now();
    expect(await showcase.kill("SIGINT")).toBe(0);
    expect(performance.now() - before).toBeLessThan(2_000);
    for (const [index, failure] of (await Promise.all(failures)).entries()) {
      // Who asks every two seconds may find nobody there any more.
      const codes = transports[index] === "polling" ? [4002, undefined] : [4002];
      expect(codes, transports[index]).toContain(failure.code);
      expect(clients[index]?.state).not.toBe("closed");
      clients[index]?.close();
    }
  });

  test("the second Ctrl-C does not wait", async () => {
    const showcase = await start();
    const client = await openSession(showcase.url);
    client.pause();
    showcase.child.kill("SIGINT");
    await showcase.waitFor(/Closing/);
    expect(await showcase.kill("SIGINT")).toBe(130);
    client.terminate();
  });
});

describe("HTTP", () => {
  test("the page: policy, type, and asked about again each time", async () => {
    const { url } = await start();
    const page = await get(`${url}/`);
    expect(page.status).toBe(200);
    expect(page.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-cache",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
    });
    expect(page.headers["content-security-policy"]).toMatch(
      /^default-src 'none'; script-src 'self'/,
    );
    const again = await get(`${url}/`, { headers: { "if-none-match": page.headers.etag } });
    expect(again.status).toBe(304);
  });

  test("what has a digest in its name is kept for ever", async () => {
    const { url } = await start();
    const { body } = await get(`${url}/`);
    const assets = [...body.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
    expect(assets.length).toBeGreaterThanOrEqual(2);
    for (const path of assets) {
      const asset = await get(`${url}${path}`);
      expect(asset.status).toBe(200);
      expect(asset.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    }
  });

  test("HEAD is GET without the body, other methods are refused", async () => {
    const { url } = await start();
    const head = await get(`${url}/`, { method: "HEAD" });
    expect(head).toMatchObject({ status: 200, body: "" });
    expect(Number(head.headers["content-length"])).toBeGreaterThan(0);
    const missing = await get(`${url}/nothing`, { method: "HEAD" });
    expect(missing).toMatchObject({ status: 404, body: "" });
    const post = await get(`${url}/`, { method: "POST" });
    expect(post.status).toBe(405);
    expect(post.headers.allow).toBe("GET, HEAD");
  });

  test("nothing outside of the page's folder is served, and nothing odd breaks the server", async () => {
    writeFileSync(join(built.folder, "secret.txt"), "secret");
    const { url } = await start();
    const paths = [
      "/nothing",
      "/../secret.txt",
      "/..%2fsecret.txt",
      "/%2e%2e/secret.txt",
      "/assets/../../secret.txt",
      "/..\\secret.txt",
      "/%5c..%5csecret.txt",
      "//secret.txt",
      "/%",
      "/%00",
      "/%ff",
      "/assets",
      "/assets/",
      "/.env",
      "/__proto__",
      "/constructor",
      `/${"a".repeat(4_000)}`,
    ];
    for (const path of paths) {
      const answer = await get(url, { path });
      expect(answer.status, path).toBe(404);
      expect(answer.body, path).toContain("There is nothing here");
      expect(answer.headers["content-security-policy"], path).toContain("default-src 'none'");
    }
    for (const range of ["bytes=5-2", "bytes=-", "bytes=a-b", "bytes=99999999-", "bytes=-5"]) {
      const { status } = await get(`${url}/`, { headers: { range } });
      expect([200, 206, 416], range).toContain(status);
    }
    expect((await get(`${url}/`)).status).toBe(200);
  });

  test("upgrades elsewhere are refused, those to another protocol ignored", async () => {
    const { url } = await start();
    const headers = { connection: "Upgrade", "sec-websocket-version": "13" };
    const key = { "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" };
    const elsewhere = await get(`${url}/`, {
      headers: { ...headers, ...key, upgrade: "websocket" },
    });
    expect(elsewhere.status).toBe(404);
    const http2 = await get(`${url}/`, { headers: { connection: "Upgrade", upgrade: "h2c" } });
    expect(http2.status).toBe(200);
    expect((await get(`${url}/`)).status).toBe(200);
  });
});

describe("the hub's door", () => {
  test("a page from elsewhere stays outside, over every transport", async () => {
    const { url } = await start();
    const origin = "https://elsewhere.example";
    const client = openSocket(url, { origin });
    const [, response] = await once(client, "unexpected-response");
    expect(response.statusCode).toBe(403);
    response.resume();
    client.on("error", () => {});
    client.terminate();
    const post = { method: "POST", headers: { origin, "content-type": "application/json" } };
    expect((await get(`${url}${hubPath}/sse`, post)).status).toBe(403);
  });

  test("a name of somebody else that points here stays outside", async () => {
    const { url } = await start();
    const headers = { host: "rebound.example", origin: "http://rebound.example" };
    const client = openSocket(url, { headers });
    await once(client, "open");
    client.send(JSON.stringify(hello));
    expect((await once(client, "close"))[0]).toBe(CloseCode.forbidden);
  });

  test("a page of this server comes in, on every transport", async () => {
    const { url } = await start();
    const transports = ["websocket", "sse", "stream", "long-polling", "polling"] as const;
    for (const transport of transports) {
      const client = connectHub(`${url}${hubPath}`, {
        contract,
        token: "0".repeat(32),
        transports: [transport],
      });
      const { people } = await client.request("chat.join", { room: "lobby", name: "Ada" });
      expect(people.at(-1)?.person.name, transport).toBe("Ada");
      expect(client.transport).toBe(transport);
      client.close();
    }
  });

  test("a token that is none is refused for good", async () => {
    const { url } = await start();
    const client = connectHub(`${url}${hubPath}`, { token: "secret" });
    await expect(client.ready()).rejects.toMatchObject({ data: { reason: "unauthorised" } });
  });

  test("too large a message and nonsense end their link, and others go on", async () => {
    const { url } = await start();
    const [large, nonsense, other] = await Promise.all([1, 2, 3].map(() => openSession(url)));
    large?.send("x".repeat(2 * 1_024 * 1_024));
    nonsense?.send("{");
    const codes = [large, nonsense].map(
      async (client) => client && (await once(client, "close"))[0],
    );
    expect(await Promise.all(codes)).toEqual([1009, CloseCode.malformed]);
    other?.send(JSON.stringify({ type: "request", id: 1, name: "chat.rename", data: {} }));
    const [answer] = other ? await once(other, "message") : [];
    expect(JSON.parse(String(answer))).toMatchObject({ type: "failure", id: 1, code: "invalid" });
    other?.close();
  });
});

describe("TLS", () => {
  let folder: string;
  let certificate: Certificate;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "showcase-tls-"));
    certificate = await makeCertificate("localhost");
    const other = await makeCertificate("localhost");
    writeFileSync(join(folder, "cert.pem"), certificate.cert);
    writeFileSync(join(folder, "key.pem"), certificate.key);
    writeFileSync(join(folder, "other-key.pem"), other.key);
    writeFileSync(join(folder, "text.pem"), "hello");
    writeFileSync(
      join(folder, "broken.pem"),
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const file = (name: string) => join(folder, name);

  test("--tls serves page and chat with the certificate that it printed", async () => {
    const { url, waitFor } = await start(["--tls"]);
    expect(url).toMatch(/^https:\/\/localhost:/);
    const [fingerprint] = await waitFor(/([0-9A-F]{2}:){31}[0-9A-F]{2}/);
    const page = await get(`${url}/`, { rejectUnauthorized: false });
    expect(page.status).toBe(200);
    expect(page.fingerprint).toBe(fingerprint);
    const client = await openSession(url, { rejectUnauthorized: false, origin: url });
    client.close();
    await once(client, "close");
  });

  test("--cert and --key are used, and imply --tls", async () => {
    const { url } = await start(["--cert", file("cert.pem"), "--key", file("key.pem")]);
    const ca = readFileSync(file("cert.pem"));
    const page = await get(`${url}/`, { ca });
    expect(page).toMatchObject({ status: 200, fingerprint: certificate.fingerprint });
  });

  test.each([
    ["missing.pem", "key.pem", "--cert %s/missing.pem cannot be read: there is no such file."],
    ["cert.pem", "missing.pem", "--key %s/missing.pem cannot be read: there is no such file."],
    ["", "key.pem", "cannot be read: it is a folder."],
    ["text.pem", "key.pem", "--cert %s/text.pem holds no certificate in PEM format."],
    ["cert.pem", "text.pem", "--key %s/text.pem holds no private key in PEM format."],
    ["broken.pem", "key.pem", "cannot be used for TLS"],
    ["cert.pem", "other-key.pem", "is not the key of the certificate in %s/cert.pem"],
  ])("--cert %s --key %s ends with 1 and says why", async (cert, key, message) => {
    const showcase = run(["--tls", "--cert", file(cert), "--key", file(key)]);
    expect(await showcase.exited).toBe(1);
    expect(showcase.output()).toContain(message.replaceAll("%s", folder));
    expect(showcase.output()).not.toContain("    at ");
  });
});

function openSocket(
  url: string,
  options: ConstructorParameters<typeof WebSocket>[2] = {},
): WebSocket {
  const protocols = ["tidewire.v1.json"];
  return new WebSocket(`${url.replace("http", "ws")}${hubPath}`, protocols, options);
}

const hello = { type: "hello", version: 1, link: 1 };

/** A socket that was welcomed. */
async function openSession(url: string, options?: object): Promise<WebSocket> {
  const client = openSocket(url, options);
  await once(client, "open");
  client.send(JSON.stringify(hello));
  const [welcome] = await once(client, "message");
  expect(JSON.parse(String(welcome))).toMatchObject({ type: "welcome", answer: "fresh" });
  return client;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  readonly fingerprint: string | undefined;
}

function get(url: string, options: object = {}): Promise<Answer> {
  const request = url.startsWith("https:") ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    request(url, { agent: false, ...options }, async (response) => {
      const { socket } = response;
      const fingerprint =
        "getPeerCertificate" in socket && typeof socket.getPeerCertificate === "function"
          ? socket.getPeerCertificate().fingerprint256
          : undefined;
      let body = "";
      for await (const chunk of response.setEncoding("utf8")) body += chunk;
      resolve({ status: response.statusCode, headers: response.headers, body, fingerprint });
    })
      .on("error", reject)
      .end();
  });
}
