import { connect } from "@tidewire/client";

const client = connect("/tidewire");

client.on("said", (said) => {
  console.log(said);
});
client.onPresence(({ count }) => {
  console.log(`${count} here`);
});
client.watch("state", (state, transport) => {
  console.log(state, transport);
});

// Offline? It waits for a link, and arrives once.
client.emit("say", "hello");
