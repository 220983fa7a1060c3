import FayeWebSocket from "faye-websocket";
import { createHost, listen } from "./http-host.js";
import { readSettings } from "./settings.js";

const settings = readSettings();
const host = createHost(settings);
const subscribers = new Set<FayeWebSocket>();

host.on("upgrade", (request, socket, head) => {
  const peer = new FayeWebSocket(request, socket, head, []);
  if (settings.mode === "fanout" && request.url === "/subscribe") {
    subscribers.add(peer);
    peer.on("close", () => void subscribers.delete(peer));
  }
  peer.on("message", ({ data }) => {
    if (settings.mode === "echo") peer.send(data);
    else for (const subscriber of subscribers) subscriber.send(data);
  });
});
listen(host);
