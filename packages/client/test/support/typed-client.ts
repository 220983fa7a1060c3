// A contract with a name of every kind, and a client that is linked by it.

import { defineContract, type Schema } from "@tidewire/session-protocol";
import type { Client } from "../../src/index.js";
import type { Scene } from "./scene.js";

/** A schema that checks a type by name; `slow` answers with a promise. */
export function a<Value>(type: string, slow = false): Schema<Value> {
  const check = (value: unknown): { value: Value } | { issues: { message: string }[] } =>
    typeof value === type ? { value: value as Value } : { issues: [{ message: `not a ${type}` }] };
  return {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) => (slow ? Promise.resolve(value).then(check) : check(value)),
      types: undefined as never,
    },
  };
}

export const contract = defineContract({
  client: {
    say: { data: a<string>("string") },
    slow: { data: a<number>("number", true) },
    add: { data: a<number>("number"), reply: a<number>("number") },
  },
  server: {
    said: { data: a<string>("string") },
    slowly: { data: a<number>("number", true) },
    ask: { data: a<string>("string"), reply: a<boolean>("boolean") },
  },
  streams: { pipe: { up: a<number>("number"), down: a<string>("string") } },
});

export async function linked(scene: Scene): Promise<Client<typeof contract>> {
  const client = scene.connect({ contract });
  await scene.time.until(() => client.state === "connected");
  return client;
}
