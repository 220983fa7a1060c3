// Who takes part where hubs are compared: a server, and how its clients reach it.

import { fileURLToPath } from "node:url";
import type { Launch } from "./child.js";
import type { HubTarget } from "./load/job.js";
import { directName, limitName, packageVersion } from "./rivals.js";
import type { HubSettings } from "./servers/hub-settings.js";

export interface HubRival extends Pick<HubTarget, "dialect" | "transport" | "recovery"> {
  readonly name: string;
  /** Its version; or why it cannot run, as a thrown error. */
  version(): string;
  launch(settings: Omit<HubSettings, "recovery">): Omit<Launch, "core">;
}

export const hubRivals: readonly HubRival[] = [
  ours("tidewire", "websocket"),
  ours(directName, "websocket", true),
  theirs("socket.io", "websocket", false),
  theirs("socket.io+recovery", "websocket", true),
  ours("tidewire-sse", "sse"),
  ours("tidewire-stream", "stream"),
  ours("tidewire-polling", "poll"),
  theirs("socket.io-polling", "poll", false),
  rival(
    limitName,
    "raw-hub.js",
    { dialect: "tidewire", transport: "websocket", recovery: false },
    () => process.version,
  ),
];

function ours(name: string, transport: HubTarget["transport"], directIo = false): HubRival {
  const version = (): string => packageVersion("@tidewire/hub");
  const how = { dialect: "tidewire", transport, recovery: true } as const;
  return rival(name, "hub.js", how, version, directIo);
}

function theirs(name: string, transport: HubTarget["transport"], recovery: boolean): HubRival {
  const version = (): string => `${packageVersion("socket.io")} on ws ${packageVersion("ws")}`;
  return rival(name, "socket-io.js", { dialect: "socket.io", transport, recovery }, version);
}

function rival(
  name: string,
  file: string,
  how: Pick<HubRival, "dialect" | "transport" | "recovery">,
  version: () => string,
  directIo = false,
): HubRival {
  const script = fileURLToPath(new URL(`./servers/${file}`, import.meta.url));
  return {
    name,
    ...how,
    version,
    launch(settings) {
      const all = JSON.stringify({ ...settings, recovery: how.recovery, directIo });
      return {
        command: process.execPath,
        arguments: ["--no-warnings", script, all],
        // As Socket.IO is installed by itself.
        environment: { WS_NO_BUFFER_UTIL: "1" },
      };
    },
  };
}
