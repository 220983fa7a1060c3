// A session that goes from one HTTP transport to another, and what proves whose it is (PROTOCOL.md
// §10.10, §12.2).

import { describe, expect, it } from "vitest";
import { hello, lines, openLink, post, say, serve, welcomeOf } from "./served.js";

describe("moves and proofs", () => {
  it("§10.10 a session goes from each HTTP transport to each other", async () => {
    const { base, hub } = await serve();
    const link = await openLink(base, "sse");
    const { session, secret } = await welcomeOf(link);
    const proof = { session, secret: secret! };
    hub.emit("said", 1);
    await link.until("event");
    hub.emit("said", 2);
    const polled = await post(`${base}/poll`, lines({ ...hello, ...proof, link: 2, received: 1 }));
    expect(polled.packets).toMatchObject([{ type: "welcome", position: 1 }, { data: 2 }]);
    expect(await link.until("bye")).toMatchObject({ code: 4001 });
    const stream = await openLink(base, "stream", { ...hello, ...proof, link: 3, received: 2 });
    expect(await welcomeOf(stream)).toMatchObject({ answer: "resumed", position: 2 });
    const late = { type: "batch", ...proof, link: 2, received: 1 };
    expect((await post(`${base}/poll`, lines(late))).status).toBe(409);
    stream.abort();
  });

  it("§12.2 the secret is useless from another origin and to another user", async () => {
    const { base } = await serve({
      origins: ["https://a.example", "https://b.example"],
      authenticate: ({ token }) => ({ user: token ?? "guest" }),
    });
    const a = { origin: "https://a.example" };
    const owner = await openLink(base, "sse", { ...hello, token: "ada" }, a);
    const { session, secret } = await welcomeOf(owner);
    const claim = { ...hello, session, secret: secret!, received: 0 };
    const attempts = [
      { token: "ada", headers: { origin: "https://b.example" }, link: 10 },
      { token: "ada", headers: {}, link: 11 },
      { token: "eve", headers: a, link: 12 },
    ];
    for (const { token, headers, link } of attempts) {
      const thief = await openLink(base, "stream", { ...claim, token, link }, headers);
      const welcome = await thief.next();
      if (welcome?.type === "welcome") {
        expect(welcome.answer).toBe("fresh");
        expect(welcome.session).not.toBe(session);
      } else expect(welcome).toBeUndefined();
      const batch = { type: "batch", session, secret, link: 1, position: 0 };
      const init = { headers };
      const sent = await post(`${base}/send`, lines(batch, say("x")), init);
      if (headers !== a) expect([403, 404]).toContain(sent.status);
      thief.abort();
    }
    owner.abort();
  });

  it("§12.2 the secret is in no header and no URL", async () => {
    const { base, server } = await serve();
    const seen: string[] = [];
    server.prependListener("request", (request) => void seen.push(JSON.stringify(request.headers)));
    const link = await openLink(base, "sse");
    const { secret } = await welcomeOf(link);
    expect(JSON.stringify([...link.response.headers])).not.toContain(secret!);
    expect(seen.join()).not.toContain(secret!);
    link.abort();
  });
});
