// The figures of the start page: taken once a second, as long as somebody looks at them.
import type { Figures } from "../../../shared/start/contract.js";
import type { PageServer, PageServices, ShowcaseHub } from "../../hub/create-hub.js";

const room = "start";
const intervalMs = 1_000;

export function registerStart(hub: ShowcaseHub, { counters }: PageServices): PageServer {
  const watchers = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let takenAt = 0;
  let messages = 0;
  let messagesPerSecond = 0;

  const begin = (): void => {
    if (timer !== undefined) return;
    takenAt = performance.now();
    messages = counters.messages;
    messagesPerSecond = 0;
    timer = setInterval(() => {
      const now = performance.now();
      const seconds = (now - takenAt) / 1_000;
      messagesPerSecond = Math.round((counters.messages - messages) / seconds);
      takenAt = now;
      messages = counters.messages;
      hub.to(room).volatile.emit("start.figures", figures());
    }, intervalMs);
  };
  const figures = (): Figures => {
    const { linked, linksByTransport } = hub.stats();
    return { connections: linked, byTransport: linksByTransport, messagesPerSecond };
  };
  const forget = (id: string): void => {
    watchers.delete(id);
    if (watchers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  hub.handle("start.watch", (peer) => {
    peer.join(room);
    watchers.add(peer.id);
    begin();
    return figures();
  });
  hub.on("start.unwatch", (peer) => {
    peer.leave(room);
    forget(peer.id);
  });
  hub.on("disconnect", ({ id }) => forget(id));
  return { close: () => clearInterval(timer) };
}
