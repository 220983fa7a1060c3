export { BenchSocket } from "./socket.js";
