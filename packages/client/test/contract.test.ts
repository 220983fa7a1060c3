import { defineContract, type Schema } from "@tidewire/session-protocol";
import { describe, expect, test } from "vitest";
import { ClientError } from "../src/index.js";
import { Scene } from "./support/scene.js";
import { linked } from "./support/typed-client.js";

describe("the contract", () => {
  test("types are inferred on both ends", async () => {
    const scene = new Scene();
    const client = await linked(scene);
    client.on("said", (data) => data.toUpperCase());
    const sum: Promise<number> = client.request("add", 1);
    sum.catch(() => {});
    // @ts-expect-error an event of the server
    expect(() => client.emit("said", "x")).toThrow(ClientError);
    // @ts-expect-error a number where a string belongs
    expect(() => client.emit("say", 5)).toThrow(ClientError);
    client.close();
  });

  test("outgoing data is refused where it is given; incoming data does not reach a listener", async () => {
    const scene = new Scene();
    const client = await linked(scene);
    const seen: unknown[] = [];
    client.on("said", (data) => seen.push(data));
    scene.hub.emit(scene.hub.only, "said", 5);
    scene.hub.emit(scene.hub.only, "constructor", 5);
    scene.hub.emit(scene.hub.only, "said", "fine");
    await scene.time.pass(100);
    expect(seen).toEqual(["fine"]);
    expect(scene.errors).toMatchObject([{ code: "invalid" }, { code: "unknown-name" }]);
    client.close();
  });

  test("`invalid` tells what and where in the shape of PROTOCOL.md §8.2, as the hub's does", async () => {
    const scene = new Scene();
    const issues = [
      { message: "too long", path: ["list", 3, { key: "text" }] },
      { message: "bad" },
    ];
    const nested: Schema<unknown> = {
      "~standard": { version: 1, vendor: "test", validate: () => ({ issues }) },
    };
    const client = scene.connect({
      contract: defineContract({ client: { say: { data: nested } } }),
    });
    let error: unknown;
    try {
      client.emit("say", 1);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: "invalid" });
    expect(String(error)).toContain("list.3.text: too long");
    const { data } = error as ClientError;
    expect(data).toEqual({
      issues: [
        { message: "too long", path: ["list", 3, "text"] },
        { message: "bad", path: [] },
      ],
    });
    client.close();
  });

  test("asynchronous schemas keep the order, out and in", async () => {
    const scene = new Scene();
    const client = await linked(scene);
    const seen: unknown[] = [];
    client.on("slowly", (data) => seen.push(data));
    client.on("said", (data) => seen.push(data));
    client.emit("slow", 1);
    client.emit("say", "two");
    client.emit("slow", "bad" as unknown as number);
    client.emit("slow", 3);
    scene.hub.emit(scene.hub.only, "slowly", 1);
    scene.hub.emit(scene.hub.only, "said", "two");
    scene.hub.emit(scene.hub.only, "slowly", 3);
    await scene.time.pass(100);
    expect(seen).toEqual([1, "two", 3]);
    expect(scene.hub.only.packets).toMatchObject([{ data: 1 }, { data: "two" }, { data: 3 }]);
    expect(scene.errors).toMatchObject([{ code: "invalid" }]);
    client.close();
  });
});
