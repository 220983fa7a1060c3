// The page's beginning: one client for all pages, and the frame around them.
import { connect } from "@tidewire/client";
import { render } from "preact";
import { contract } from "../shared/contract.js";
import { hubPath } from "../shared/hub-path.js";
import { Session } from "./session/session.js";
import { tabToken } from "./session/tab-token.js";
import { readTransportWish } from "./session/transports.js";
import { App } from "./shell/app.js";

const { transports, problem } = readTransportWish(location.search);
const client = connect(hubPath, {
  contract,
  token: tabToken(),
  agent: "tidewire-showcase",
  ...(transports && { transports }),
});
const session = new Session(client);

const root = document.querySelector("#app");
if (root) render(<App session={session} problem={problem} />, root);
