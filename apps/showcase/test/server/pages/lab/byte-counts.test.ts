// The lab's byte counts against a relay before the server that counts for itself.
import { createServer, type Server } from "node:http";
import { Agent, createServer as createTlsServer, request as requestTls } from "node:https";
import type { AddressInfo } from "node:net";
import { connect } from "@tidewire/client/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeCertificate } from "../../../../server/certificate.js";
import { LabLinks, serverNow } from "../../../../server/pages/lab/lab-links.js";
import {
  type LabSettings,
  type LabTransport,
  labTasks,
  labTransports,
} from "../../../../shared/lab/contract.js";
import { LabLink } from "../../../../shared/lab/lab-link.js";
import { labPath, lineName, lineUrl } from "../../../../shared/lab/lab-path.js";
import { CountingProxy } from "../../../counting-proxy.js";
import { eventually } from "../../../eventually.js";

const settings: LabSettings = { task: "push", rate: 100, size: 300, pollIntervalMs: 100 };

let links: LabLinks;
let server: Server;
let proxy: CountingProxy;
const open: LabLink[] = [];

beforeEach(async () => {
  links = new LabLinks();
  server = createServer((message, response) => {
    message.resume();
    response.end("x".repeat(5_000));
  });
  links.mount(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxy = await CountingProxy.open((server.address() as AddressInfo).port);
});

afterEach(async () => {
  for (const link of open.splice(0)) link.stop();
  await links.close();
  await proxy.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function start(
  run: string,
  transport: LabTransport,
  port: number,
  wishes: Partial<LabSettings> = {},
): LabLink {
  const link = new LabLink({
    url: lineUrl(`http://127.0.0.1:${port}`, run, transport),
    transport,
    settings: { ...settings, ...wishes },
    connect,
    serverNow,
  });
  open.push(link);
  return link;
}

describe.each(labTasks)("the task %s", (task) => {
  test.each(labTransports)("counts %s as the relay does", async (transport) => {
    const run = links.open({ ...settings, task }, [transport]);
    const link = start(run.name, transport, proxy.port, { task });
    await eventually(() => link.latency.count).toBeGreaterThan(60);
    const [live] = run.counts();
    // While it runs too: what has passed so far of an open response counts.
    expect(live!.total.down).toBeGreaterThan(60 * 300);
    run.pause();
    link.pause();
    const counted = () => run.counts()[0]!.total;
    // To the byte, when nothing is under way.
    await eventually(() => ({
      up: counted().up - proxy.up,
      down: counted().down - proxy.down,
    })).toEqual({ up: 0, down: 0 });
    link.stop();
    await eventually(() => links.sessions).toBe(0);
    // Nothing is forgotten with its connection; of the goodbye, what was under way as the line was cut
    // may have been counted and not carried.
    const goodbye = 1_000;
    expect(Math.abs(counted().up - proxy.up)).toBeLessThan(goodbye);
    expect(Math.abs(counted().down - proxy.down)).toBeLessThan(goodbye);
    expect(run.counts()[0]!.messages).toBeGreaterThanOrEqual(link.latency.count);
  });
});

test("of requests that share connections each is charged with its own, to the byte", async () => {
  const { port } = proxy;
  // The same pool of connections as the lab's links, as in a browser.
  const visit = async () => (await fetch(`http://127.0.0.1:${port}/else`)).text();
  await visit();
  const [visitUp, visitDown] = [proxy.up, proxy.down];
  let visits = 1;
  const run = links.open(settings, labTransports);
  const all = labTransports.map((transport) => start(run.name, transport, port));
  await eventually(async () => {
    await visit();
    visits += 1;
    return Math.min(...all.map((link) => link.latency.count));
  }).toBeGreaterThan(50);
  run.pause();
  const rest = (side: "up" | "down") =>
    proxy[side] - run.counts().reduce((sum, { total }) => sum + total[side], 0);
  await eventually(() => [rest("up"), rest("down")]).toEqual([
    visits * visitUp,
    visits * visitDown,
  ]);
  expect(visits).toBeGreaterThan(3);
  expect(proxy.connections).toBeLessThan(
    run.counts().reduce((n, { total }) => n + total.requests, 0),
  );
});

test("nobody counts what names no run", async () => {
  const run = links.open(settings, ["polling"]);
  await fetch(`http://127.0.0.1:${proxy.port}/lab/poll?line=other.polling`, { method: "POST" });
  expect(run.counts()[0]!.total).toEqual({ up: 0, down: 0, requests: 0 });
  run.close();
});

test("a run that is over takes no links", async () => {
  const run = links.open(settings, ["websocket"]);
  run.close();
  const link = start(run.name, "websocket", proxy.port);
  await expect(link.ready()).rejects.toThrow("over");
});

test("with TLS it is the bytes before they are encrypted", async () => {
  const { cert, key } = await makeCertificate("localhost");
  const secure = createTlsServer({ cert, key });
  links.mount(secure);
  await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
  const relay = await CountingProxy.open((secure.address() as AddressInfo).port);
  const run = links.open(settings, ["polling"]);
  const agent = new Agent({ rejectUnauthorized: false });
  const path = `${labPath}/poll?line=${lineName(run.name, "polling")}`;
  await new Promise<void>((resolve, reject) => {
    const message = requestTls({ port: relay.port, method: "POST", path, agent }, (response) => {
      response.resume().once("end", resolve);
    });
    message.once("error", reject).end("x".repeat(10_000));
  });
  await eventually(() => run.counts()[0]!.total.down).toBeGreaterThan(0);
  const { up, requests } = run.counts()[0]!.total;
  expect(requests).toBe(1);
  expect(up).toBeGreaterThan(10_000);
  expect(up).toBeLessThan(10_400);
  expect(relay.up).toBeGreaterThan(up);
  agent.destroy();
  await relay.close();
  secure.closeAllConnections();
  await new Promise((resolve) => secure.close(resolve));
});
