// The hub on a server that serves other things too: strange paths, and being taken off again.

import type { Packet } from "@tidewire/session-protocol";
import { describe, expect, it } from "vitest";
import {
  batchFor,
  hello,
  lines,
  ndjson,
  openLink,
  packetsOf,
  post,
  rawRequest,
  serve,
  welcomeOf,
} from "./served.js";

describe("the rest of the server", () => {
  it("E1 has nothing at strange paths", async () => {
    const { port, errors } = await serve();
    for (const path of [
      ...[
        "__proto__",
        "constructor",
        "toString",
        "SSE",
        "sse/",
        "sse%2f",
        "../tidewire/sse",
        "",
        "\\",
      ],
    ]) {
      const answer = await rawRequest(port, `/tidewire/${path}`, { body: lines(hello) });
      expect(answer.status, path).toBe(404);
    }
    // The host of an absolute target is not believed (DNS rebinding, cache poisoning).
    const headers = { "content-type": ndjson, origin: "http://evil.example" };
    const absolute = `http://evil.example/tidewire/poll`;
    const answer = await rawRequest(port, absolute, { body: lines(hello), headers });
    expect(answer.status).toBe(403);
    expect(errors).toEqual([]);
  });

  it("goes on as if the hub were not there", async () => {
    const { port, attached } = await serve();
    const plain = `http://127.0.0.1:${port}`;
    expect(await (await fetch(`${plain}/`)).text()).toBe("not the hub");
    expect(await (await fetch(`${plain}/tidewirex/sse`)).text()).toBe("not the hub");
    expect(packetsOf(await (await fetch(`${plain}/tidewire`)).text())).toMatchObject([
      { type: "bye", code: 4404 },
    ]);
    await attached.close();
    expect(await (await fetch(`${plain}/tidewire/sse`)).text()).toBe("not the hub");
  });

  it("tells its links goodbye when it is taken off, and keeps their sessions", async () => {
    const { base, attached, hub } = await serve();
    const link = await openLink(base, "sse");
    await welcomeOf(link);
    const polled = await post(`${base}/poll`, lines(hello));
    const welcome = polled.packets[0] as Extract<Packet, { type: "welcome" }>;
    const poll = post(`${base}/poll`, lines(batchFor(welcome, { received: 0 })));
    // The older of two is answered when the newer is parked.
    const again = post(`${base}/poll`, lines(batchFor(welcome, { received: 0 })));
    const first = await Promise.race([poll.then(() => 0), again.then(() => 1)]);
    const closing = attached.close();
    expect(await link.until("bye")).toMatchObject({ code: 4002 });
    const last = await (first === 0 ? again : poll);
    expect(last.packets).toMatchObject([{ type: "bye", code: 4002 }]);
    await closing;
    expect(hub.stats()).toMatchObject({ linked: 0, sessions: 2 });
  });
});
