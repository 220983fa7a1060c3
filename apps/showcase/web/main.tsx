// The page's beginning. With more pages to come, this stays the one place that knows which
// connection they share.
import { render } from "preact";
import { chatPath } from "../shared/limits.js";
import { ChatModel } from "./chat/chat-model.js";
import { ReconnectingSocket } from "./connection/reconnecting-socket.js";
import { App } from "./shell/app.js";
import { recallTab, rememberTab } from "./shell/storage.js";

const url = new URL(chatPath, location.href);
url.protocol = url.protocol.replace("http", "ws");
url.hash = "";
const connection = new ReconnectingSocket({ url: url.href, probe: '{"type":"ping"}' });
const chat = new ChatModel({ connection, key: recallTab()?.key, remember: rememberTab });

addEventListener("online", () => connection.check());
addEventListener("offline", () => connection.check());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") connection.check();
});

const root = document.querySelector("#app");
if (root) render(<App chat={chat} />, root);
