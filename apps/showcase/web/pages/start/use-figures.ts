// The server's figures, as long as somebody looks at them.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Figures } from "../../../shared/start/contract.js";
import type { Session } from "../../session/session.js";

/** Undefined until the server has told them. */
export function useFigures(session: Session): Figures | undefined {
  const figures = useSignal<Figures | undefined>(undefined);
  const { client } = session;
  const id = session.linked.value?.session;
  useEffect(
    () =>
      client.on("start.figures", (latest) => {
        figures.value = latest;
      }),
    [client],
  );
  // Asked once per session: while it is resumed, the server goes on by itself.
  useEffect(() => {
    if (id === undefined) return undefined;
    client.request("start.watch").then(
      (latest) => {
        figures.value = latest;
      },
      () => {}, // The session was lost: the next one asks again.
    );
    return () => {
      if (client.state !== "closed") client.emit("start.unwatch");
    };
  }, [client, id]);
  return figures.value;
}
