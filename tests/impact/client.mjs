// A page of a player, with the client everybody uses. Tells on stdout what it hears; "drop" and "back" on stdin cut and mend its line.
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const [address, token] = process.argv.slice(2);
const socket = io(`${address}/impact`, { auth: token ? { token } : {}, reconnection: false });
const say = (name, data) => console.log(JSON.stringify([name, data]));

socket.on("connect", () => say("connect", null));
socket.on("connect_error", (error) => say("connect_error", error.message));
socket.on("disconnect", (reason) => say("disconnect", reason));
socket.onAny(say);
createInterface({ input: process.stdin }).on("line", (line) => {
  if (line === "drop") socket.io.engine.close();
  if (line === "back") socket.connect();
  if (line === "end") process.exit(0);
});
