// What there is to see when the session is carried by HTTP: requests, as the browser tells of them.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { hubPath } from "../../../shared/hub-path.js";

const requestsMax = 50;

export function HttpView({ label }: { label: string }): JSX.Element {
  const requests = useRequests();
  return (
    <section class="wire-card" aria-labelledby="over-http">
      <h2 id="over-http">No frames here: the session is carried by {label}</h2>
      <p>
        Its packets travel in the bodies of HTTP requests and responses, which look the same on the
        line as any others. The handshake and the frames of this page are those of a WebSocket.
      </p>
      <p>
        <a class="wire-switch" href={`?transports=websocket${location.hash}`}>
          Switch to WebSocket
        </a>
      </p>
      <h3>Requests to the hub, as this browser measured them</h3>
      <p class="faint">
        Those of the second connection, which brings the reports, are among them. A response that is
        still open is told when it ends.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within the keyboard's reach. */}
      <section class="wire-scroll" tabIndex={0} aria-label="Requests">
        <table>
          <thead>
            <tr>
              <th scope="col">Request</th>
              <th scope="col">Status</th>
              <th scope="col">Took</th>
              <th scope="col">Response with headers</th>
            </tr>
          </thead>
          <tbody>
            {requests.map((entry) => (
              <tr key={entry.startTime}>
                <td>
                  <code>POST {new URL(entry.name).pathname}</code>
                </td>
                <td>{entry.responseStatus}</td>
                <td>{Math.round(entry.duration)} ms</td>
                <td>{entry.transferSize} bytes</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

function useRequests(): readonly PerformanceResourceTiming[] {
  const requests = useSignal<readonly PerformanceResourceTiming[]>([]);
  useEffect(() => {
    const observer = new PerformanceObserver((list) => {
      const ours = list
        .getEntries()
        .filter((entry) => entry instanceof PerformanceResourceTiming)
        .filter(({ name }) => new URL(name).pathname.startsWith(`${hubPath}/`));
      requests.value = [...ours.reverse(), ...requests.peek()].slice(0, requestsMax);
    });
    observer.observe({ type: "resource", buffered: true });
    return () => observer.disconnect();
  }, []);
  return requests.value;
}
