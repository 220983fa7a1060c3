// Socket.IO in its default settings; `recovery` adds its connection state recovery.

import { Server } from "socket.io";
import { createHost, listen } from "./http-host.js";
import { keepAliveMs, readHubSettings, roomsOf } from "./hub-settings.js";

const settings = readHubSettings();
const host = createHost({ tls: undefined });
host.keepAliveTimeout = keepAliveMs;
let sessions = 0;

const io = new Server(host, settings.recovery ? { connectionStateRecovery: {} } : {});
io.on("connection", (socket) => {
  if (!socket.recovered) {
    void socket.join(["room", ...roomsOf(sessions, settings.rooms)]);
    sessions += 1;
  }
  socket.on("echo", (data) => {
    socket.emit("echo", data);
  });
  socket.on("ask", (data, reply) => reply?.(data));
  socket.on("links", (_, reply) => reply?.(io.engine.clientsCount));
  socket.on("say", (data) => {
    io.to("room").emit("said", data);
  });
});
listen(host);
