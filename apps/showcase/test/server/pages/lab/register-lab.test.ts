// Runs of the lab as a page begins and ends them.
import { connect } from "@tidewire/client/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { serverNow } from "../../../../server/pages/lab/lab-links.js";
import { runsMax } from "../../../../server/pages/lab/limits.js";
import type {
  CpuFigure,
  LabSettings,
  LabTransport,
  LineCounts,
} from "../../../../shared/lab/contract.js";
import { LabLink } from "../../../../shared/lab/lab-link.js";
import { lineUrl } from "../../../../shared/lab/lab-path.js";
import { rateMax, sizeMax } from "../../../../shared/lab/limits.js";
import type { ShowcaseClient } from "../../../../web/session/session.js";
import { eventually } from "../../../eventually.js";
import { LabScene } from "../../../lab-scene.js";

const settings: LabSettings = { task: "push", rate: 50, size: 20, pollIntervalMs: 100 };

let scene: LabScene;
const links: LabLink[] = [];

beforeEach(async () => {
  scene = await LabScene.open(async ({ rate }, done) => {
    done("websocket", rate * 2);
    done("sse", undefined);
  });
});

afterEach(async () => {
  for (const link of links.splice(0)) link.stop();
  await scene.close();
});

async function begin(
  page: ShowcaseClient,
  transports: LabTransport[],
  wishes: Partial<LabSettings> = {},
): Promise<LabLink[]> {
  const wanted = { ...settings, ...wishes };
  const { run } = await page.request("lab.open", { settings: wanted, transports });
  const begun = transports.map(
    (transport) =>
      new LabLink({
        url: lineUrl(scene.url, run, transport),
        transport,
        settings: wanted,
        connect,
        serverNow,
      }),
  );
  links.push(...begun);
  return begun;
}

describe("a run", () => {
  test("pushes to each link, and tells the page the counts", async () => {
    const page = scene.connect();
    let counts: LineCounts[] = [];
    page.on("lab.figures", (latest) => {
      counts = latest;
    });
    const [socket, sse] = await begin(page, ["websocket", "sse"]);
    await eventually(() => socket!.latency.count).toBeGreaterThan(10);
    await eventually(() => sse!.latency.count).toBeGreaterThan(10);
    await eventually(() => counts.map(({ messages }) => messages > 10)).toEqual([true, true]);
    const byName = new Map(counts.map((count) => [count.transport, count]));
    expect(byName.get("websocket")!.total.requests).toBe(1);
    expect(byName.get("sse")!.total.requests).toBeGreaterThan(1);
    for (const { setup, total } of counts) {
      expect(setup.down).toBeGreaterThan(100);
      expect(total.down).toBeGreaterThan(setup.down);
    }
  });

  test("an echo comes back, and is not pushed", async () => {
    const page = scene.connect();
    const [link] = await begin(page, ["websocket"], { task: "echo" });
    await eventually(() => link!.latency.count).toBeGreaterThan(10);
    expect(link!.skipped).toBe(0);
  });

  test("ends with the page: its links are ended, whether it says so or not", async () => {
    const page = scene.connect();
    const [link] = await begin(page, ["websocket"]);
    await eventually(() => scene.lab.links.sessions).toBe(1);
    page.emit("lab.close");
    await eventually(() => scene.lab.links.sessions).toBe(0);
    await eventually(() => link!.isConnected).toBe(false);

    await begin(page, ["sse"]);
    await eventually(() => scene.lab.links.sessions).toBe(1);
    page.close();
    await eventually(() => scene.lab.links.sessions).toBe(0);
  });

  test("a new one takes the place of the old", async () => {
    const page = scene.connect();
    await begin(page, ["websocket"]);
    await eventually(() => scene.lab.links.sessions).toBe(1);
    const [second] = await begin(page, ["websocket"]);
    await eventually(() => second!.latency.count).toBeGreaterThan(1);
    await eventually(() => scene.lab.links.sessions).toBe(1);
  });

  test.each([
    { rate: rateMax + 1 },
    { rate: 0 },
    { size: sizeMax + 1 },
    { rate: 1.5 },
    { pollIntervalMs: 1 },
  ])("%j is refused", async (wish) => {
    const { url } = scene;
    // A client that does not check what it sends.
    const careless = connect(`${url}/tidewire`);
    const asked = careless.request("lab.open", {
      settings: { ...settings, ...wish },
      transports: ["websocket"],
    });
    await expect(asked).rejects.toMatchObject({ code: "invalid" });
    careless.close();
  });

  test("there is a limit to how many there are, and it says so", async () => {
    const pages = Array.from({ length: runsMax + 1 }, () => scene.connect());
    for (const page of pages.slice(0, runsMax)) {
      await page.request("lab.open", { settings, transports: ["websocket"] });
    }
    const one = pages[runsMax]!.request("lab.open", { settings, transports: ["websocket"] });
    await expect(one).rejects.toMatchObject({ code: "busy", message: /Too many/ });
  });
});

test("CPU figures come as they are measured, and again to whoever asks later", async () => {
  for (const page of [scene.connect(), scene.connect()]) {
    const figures = new Map<LabTransport, CpuFigure>();
    page.on("lab.cpu", (figure) => figures.set(figure.transport, figure));
    page.emit("lab.measure", settings);
    await eventually(() => figures.get("websocket")).toMatchObject({ state: "done", micros: 100 });
    await eventually(() => figures.get("sse")).toMatchObject({ state: "failed" });
  }
});
