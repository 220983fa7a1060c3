// A hub in virtual time, with its errors collected, and clients for it.

import type { Contract, Untyped } from "@tidewire/session-protocol";
import { Hub, type HubOptions, MemoryBackplane } from "../../src/index.js";
import { type AnyHub, FakeClient, type FakeClientOptions } from "./fake-client.js";
import { VirtualWorld } from "./world.js";

export interface Setup<C extends Contract, Data> {
  readonly world: VirtualWorld;
  readonly hub: Hub<C, Data>;
  readonly errors: unknown[];
  client(options?: FakeClientOptions): FakeClient;
  /** A client that is linked. */
  joined(options?: FakeClientOptions): Promise<FakeClient>;
}

export function setup<const C extends Contract = Untyped, Data = unknown>(
  options: HubOptions<C, Data> = {},
  world: VirtualWorld = new VirtualWorld(),
): Setup<C, Data> {
  const errors: unknown[] = [];
  const hub = new Hub<C, Data>({
    platform: world.platform,
    onError: (error) => errors.push(error),
    ...options,
  });
  const client = (more: FakeClientOptions = {}): FakeClient =>
    new FakeClient(world, hub as unknown as AnyHub, more);
  return { world, hub, errors, client, joined: (more) => client(more).join() };
}

/** Several hubs on one backplane. */
export function cluster<const C extends Contract = Untyped, Data = unknown>(
  nodes: readonly string[],
  options: HubOptions<C, Data> = {},
): { world: VirtualWorld; backplane: MemoryBackplane; setups: Setup<C, Data>[] } {
  const world = new VirtualWorld();
  const backplane = new MemoryBackplane({ platform: world.platform });
  const setups = nodes.map((node) => setup({ backplane, node, ...options }, world));
  return { world, backplane, setups };
}

/** Strings that are members of `Object`, or nothing: keys like any other (§12.5). */
export const hostileNames: readonly string[] = [
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "toString",
  "valueOf",
  "prototype",
  "error",
  "newListener",
];

/** A schema without a library: a test and a type. */
export function schemaOf<Type>(
  test: (value: unknown) => boolean,
  message: string = "wrong",
): TestSchema<Type> {
  return {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) =>
        test(value) ? { value: value as Type } : { issues: [{ message, path: ["text"] }] },
    },
  };
}

export interface TestSchema<Input, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (
      value: unknown,
    ) =>
      | { readonly value: Output }
      | { readonly issues: readonly { message: string; path: string[] }[] };
    readonly types?: { readonly input: Input; readonly output: Output };
  };
}
