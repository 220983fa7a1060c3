// A server with the lab and nothing else on its hub, in this process, so that tests see what it holds.
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "@tidewire/client/node";
import { Hub } from "@tidewire/hub";
import { type Attached, attach } from "@tidewire/hub/node";
import type { MeasureCpu } from "../server/pages/lab/measure-cpu.js";
import { type LabServer, registerLab } from "../server/pages/lab/register-lab.js";
import { contract, type ShowcaseContract } from "../shared/contract.js";
import { hubPath } from "../shared/hub-path.js";
import type { ShowcaseClient } from "../web/session/session.js";

export class LabScene {
  readonly lab: LabServer;
  readonly #hub: Hub<ShowcaseContract>;
  readonly #server: Server;
  readonly #attached: Attached;
  readonly #clients: ShowcaseClient[] = [];

  private constructor(measure: MeasureCpu, page: RequestListener) {
    this.#hub = new Hub({ contract });
    this.lab = registerLab(this.#hub, measure);
    this.#server = createServer(page);
    this.#attached = attach(this.#hub, this.#server, { path: hubPath });
    this.lab.mount?.(this.#server);
  }

  static async open(
    measure: MeasureCpu = async () => {},
    page: RequestListener = (_, response) => response.writeHead(404).end(),
  ): Promise<LabScene> {
    const scene = new LabScene(measure, page);
    await new Promise<void>((resolve) => scene.#server.listen(0, "127.0.0.1", resolve));
    return scene;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A page's session. */
  connect(): ShowcaseClient {
    const client = connect(`${this.url}${hubPath}`, { contract, transports: ["websocket"] });
    this.#clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.lab.close?.();
    await this.#attached.close();
    await this.#hub.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
