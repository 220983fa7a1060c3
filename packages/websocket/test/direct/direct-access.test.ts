import { afterEach, describe, expect, it, vi } from "vitest";
import { findDirectAccess } from "../../src/direct/direct-access.js";
import { WatchedSocket } from "../../src/direct/watched-socket.js";
import { clientFrame, RawClient, requestHead } from "../server/raw-client.js";

type Binding = Record<string, unknown>;
interface Bound {
  binding: (name: string) => Binding;
}

const bound = process as unknown as Bound;
const original = bound.binding;
const streams = (): Binding => ({ ...original.call(process, "stream_wrap") });

afterEach(() => {
  bound.binding = original;
  vi.restoreAllMocks();
  vi.resetModules();
});

/** The package as it is where `process.binding` does that, and what it warned of. */
async function packageWith(binding: Bound["binding"] | undefined) {
  const warnings: string[] = [];
  vi.spyOn(process, "emitWarning").mockImplementation((warning) => {
    warnings.push(String(warning));
  });
  vi.resetModules();
  bound.binding = binding as Bound["binding"];
  return { ...(await import("../../src/index.js")), warnings };
}

describe("the access to what lies under a net.Socket", () => {
  it("is there on this version of Node", () => {
    const access = findDirectAccess();
    expect(access?.endOfStream).toBeLessThan(0);
    expect(access?.handleClasses).toHaveLength(2);
  });

  it.each<[string, Bound["binding"] | undefined]>([
    ["there are no bindings any more", undefined],
    [
      "bindings are refused",
      () => {
        throw new Error("no access");
      },
    ],
    ["a name is missing", () => ({ ...streams(), WriteWrap: undefined })],
    ["the state is another one", () => ({ ...streams(), streamBaseState: new Int32Array(4) })],
    ["the state has other fields", () => ({ ...streams(), kReadBytesOrError: 2 })],
    ["writes are told of in another field", () => ({ ...streams(), kLastWriteWasAsync: 1 })],
    ["requests are of another class", () => ({ ...streams(), WriteWrap: class {} })],
    ["the end of our side is of another class", () => ({ ...streams(), ShutdownWrap: class {} })],
    [
      "a handle lacks a method",
      (name) => (name === "stream_wrap" ? streams() : { TCP: class {}, Pipe: class {} }),
    ],
  ])("is not used where %s: sockets use streams, and one warning says so", async (_, binding) => {
    const { WebSocketServer, warnings } = await packageWith(binding);
    const server = new WebSocketServer({
      directIo: true,
      handlers: { message: (socket, data) => void socket.send(data) },
    });
    expect(server.usesDirectIo).toBe(false);
    expect(new WebSocketServer({ directIo: true }).usesDirectIo).toBe(false);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("directIo has no effect");
    const { port } = await server.listen({ host: "127.0.0.1" });
    const client = new RawClient(port);
    client.write(Buffer.concat([Buffer.from(requestHead()), clientFrame(0x81, "still")]));
    expect((await client.bodyBytes(7)).subarray(2).toString()).toBe("still");
    await client.hangUp();
    await server.close({ timeoutMs: 0 });
  });

  it("is not looked for where nobody asks", async () => {
    const binding = vi.fn(original);
    const { WebSocketServer, warnings } = await packageWith(binding);
    expect(new WebSocketServer().usesDirectIo).toBe(false);
    expect(binding).not.toHaveBeenCalled();
    expect(warnings).toEqual([]);
  });

  it("is tried out on a stand-in: nothing is opened", () => {
    const before = process.getActiveResourcesInfo();
    const watched = new WatchedSocket(original.call(process, "stream_wrap") as never);
    expect(watched.findOwnerSymbol()).toBeTypeOf("symbol");
    expect(watched.reads(findDirectAccess()!.endOfStream)).toBe(true);
    expect(watched.writes()).toBe(true);
    expect(process.getActiveResourcesInfo()).toEqual(before);
  });

  it("takes nothing but true or false for an answer", async () => {
    const { WebSocketServer } = await packageWith(original);
    expect(() => new WebSocketServer({ directIo: "yes" as never })).toThrow(
      "directIo must be true or false, not yes",
    );
  });
});
