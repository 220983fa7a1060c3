// @vitest-environment jsdom
// biome-ignore-all lint/correctness/noComponentHookFactories: each test has a component of its own.
import { act, createElement, type FunctionComponent, StrictMode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Untyped } from "../src/index.js";
import {
  createHooks,
  TidewireProvider,
  useClient,
  useConnectionState,
  useEvent,
  useLatest,
  useRequest,
  useTransport,
} from "../src/react.js";
import { Scene } from "./support/scene.js";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

let root: Root;
let place: HTMLElement;

beforeEach(() => {
  place = document.createElement("div");
  root = createRoot(place);
});

afterEach(async () => {
  await act(async () => root.unmount());
  await act(() => new Promise((resolve) => setTimeout(resolve, 0)));
});

function tree(scene: Scene, App: FunctionComponent): ReturnType<typeof createElement> {
  const props = { url: "https://hub.test/tidewire", options: { platform: scene.platform() } };
  return createElement(
    StrictMode,
    null,
    createElement(TidewireProvider, props, createElement(App)),
  );
}

describe("React", () => {
  test("StrictMode opens one connection, and it is closed with the tree", async () => {
    const scene = new Scene();
    const App: FunctionComponent = () => `${useConnectionState()} ${useTransport() ?? ""}`;
    await act(async () => root.render(tree(scene, App)));
    await act(() => scene.time.pass(1_000));
    expect(place.textContent).toBe("connected websocket");
    expect(scene.hub.log).toEqual(["websocket"]);
    expect(scene.hub.held.size).toBe(1);
    await act(async () => root.render(null));
    await act(() => new Promise((resolve) => setTimeout(resolve, 0)));
    await act(() => scene.time.pass(1_000));
    expect(scene.hub.held.size).toBe(0);
    expect(scene.watchers).toBe(0);
  });

  test("useEvent calls the latest listener, once per event; useLatest renders", async () => {
    const scene = new Scene();
    const seen: unknown[] = [];
    let renders = 0;
    const App: FunctionComponent = () => {
      renders += 1;
      const current = renders;
      useEvent("news", (data) => seen.push([data, current === renders]));
      return String(useLatest("news", "none"));
    };
    await act(async () => root.render(tree(scene, App)));
    await act(() => scene.time.pass(1_000));
    expect(place.textContent).toBe("none");
    for (const news of ["one", "two"]) {
      await act(async () => {
        scene.hub.emit(scene.hub.only, "news", news);
        await scene.time.pass(100);
      });
    }
    expect(place.textContent).toBe("two");
    expect(seen).toEqual([
      ["one", true],
      ["two", true],
    ]);
  });

  test("useRequest tells how it stands, and the latest counts", async () => {
    const scene = new Scene();
    let ask!: (data?: unknown) => Promise<unknown>;
    const App: FunctionComponent = () => {
      const [run, state] = useRequest("sum");
      ask = run;
      return `${state.status} ${String(state.data ?? "")}`;
    };
    await act(async () => root.render(tree(scene, App)));
    await act(() => scene.time.pass(1_000));
    expect(place.textContent).toBe("idle ");
    let first: Promise<unknown> | undefined;
    await act(async () => {
      first = ask(1);
      first.catch(() => {});
      ask(2).catch(() => {});
      await scene.time.pass(100);
    });
    expect(place.textContent).toBe("pending ");
    await expect(first).rejects.toBeDefined();
    await act(async () => {
      scene.hub.send(scene.hub.only, { type: "reply", id: 1, data: "old" });
      scene.hub.send(scene.hub.only, { type: "reply", id: 2, data: "new" });
      await scene.time.pass(100);
    });
    expect(place.textContent).toBe("done new");
  });

  test("useRequest works where the browser has no AbortSignal.any", async () => {
    const { any } = AbortSignal;
    Reflect.deleteProperty(AbortSignal, "any");
    onTestFinished(() => {
      AbortSignal.any = any;
    });
    const scene = new Scene();
    let ask!: (data?: unknown) => Promise<unknown>;
    const App: FunctionComponent = () => {
      [ask] = useRequest("sum");
      return null;
    };
    await act(async () => root.render(tree(scene, App)));
    await act(() => scene.time.pass(1_000));
    let answer: Promise<unknown> | undefined;
    await act(async () => {
      answer = ask(1);
      await scene.time.pass(100);
      scene.hub.send(scene.hub.only, { type: "reply", id: 1, data: "one" });
      await scene.time.pass(100);
    });
    expect(await answer).toBe("one");
  });

  test("another url is another client; a client from outside is left open", async () => {
    const scene = new Scene();
    const clients = new Set<unknown>();
    const App: FunctionComponent = () => {
      clients.add(useClient());
      return null;
    };
    const at = (url: string): ReturnType<typeof createElement> =>
      createElement(
        TidewireProvider,
        { url, options: { platform: scene.platform() } },
        createElement(App),
      );
    await act(async () => root.render(at("https://one.test/")));
    await act(async () => root.render(at("https://two.test/")));
    expect(clients.size).toBe(2);
    const client = scene.connect();
    await act(async () =>
      root.render(createElement(TidewireProvider<Untyped>, { client }, createElement(App))),
    );
    await act(async () => root.render(null));
    expect(client.state).not.toBe("closed");
    expect(clients.has(client)).toBe(true);
    client.close();
  });

  test("renders on a server, and says what is missing without a provider", () => {
    const scene = new Scene();
    const { useConnectionState: useState } = createHooks();
    const App: FunctionComponent = () => useState();
    expect(renderToString(tree(scene, App))).toBe("connecting");
    expect(scene.hub.log).toEqual([]);
    expect(() => renderToString(createElement(App))).toThrow(/TidewireProvider/);
  });
});
