// A chat in the terminal, for the hub of hub-http.mjs. Stop and start that hub meanwhile: what you
// write waits, and is sent when it is back.
//
//   node examples/client-chat.mjs http://localhost:8080/tidewire
import { createInterface } from "node:readline";
import { connect } from "@tidewire/client/node";

const client = connect(process.argv[2] ?? "http://localhost:8080/tidewire");

client.watch("state", (state, transport) => console.log(`* ${state} ${transport ?? ""}`));
client.watch("failure", ({ reason }, retryInMs) => {
  console.log(`* ${reason}, trying again in ${Math.ceil(retryInMs / 1000)} s`);
});
client.watch("linked", ({ answer, first }) => {
  if (answer === "fresh" && !first) console.log("* the hub is new: it does not know us any more");
});
client.on("said", ({ by, text }) => console.log(`${by === client.session ? "you" : by}: ${text}`));

const lines = createInterface({ input: process.stdin });
lines.on("line", async (line) => {
  try {
    await client.request("say", line, { timeoutMs: 60_000 });
  } catch (error) {
    console.log(`* not said (${error.code}): ${line}`);
  }
});
lines.on("close", () => client.close());
