import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { runCommand } from "../steps/run-command.mjs";

function runNode(script: string, options = {}) {
  return runCommand(process.execPath, ["-e", script], options);
}

describe("running a command", () => {
  it("gives the exit code and the output of both streams", async () => {
    const script = "console.log('out'); console.error('err'); process.exitCode = 3";
    const { code, output } = await runNode(script);
    expect(code).toBe(3);
    expect(output).toContain("out\n");
    expect(output).toContain("err\n");
  });

  it("output is complete, however long", async () => {
    const { output } = await runNode("process.stdout.write('x'.repeat(3_000_000))");
    expect(output).toHaveLength(3_000_000);
  });

  it("adds to the environment", async () => {
    const { output } = await runNode("console.log(process.env.WORD)", { env: { WORD: "wire" } });
    expect(output).toBe("wire\n");
  });

  it("a program that does not exist is a failure with its reason", async () => {
    const { code, output } = await runCommand("no-such-program-here", []);
    expect(code).toBe(1);
    expect(output).toContain("ENOENT");
  });

  it("ends a program at its timeout", async () => {
    const { code, output } = await runNode("setInterval(() => {}, 1000)", { timeoutMs: 50 });
    expect(code).toBe(1);
    expect(output).toContain("stopped after 0.05 s");
  });

  it("ends a program when asked to, also when it was asked before", async () => {
    const running = new AbortController();
    const result = runNode("setInterval(() => {}, 1000)", { signal: running.signal });
    running.abort();
    expect((await result).code).toBe(1);
    const early = await runNode("setInterval(() => {}, 1000)", { signal: AbortSignal.abort() });
    expect(early.code).toBe(1);
  });

  it.runIf(process.platform !== "win32")("ends what the program left running", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const connection = once(server, "connection");
    const child = `require("net").connect(${port}, "127.0.0.1", () => console.log("connected"))`;
    const result = await runNode(`
      const options = { stdio: ["ignore", "pipe", "ignore"] };
      const args = ["-e", ${JSON.stringify(child)}];
      const child = require("child_process").spawn(process.execPath, args, options);
      child.stdout.once("data", () => process.exit(0));
    `);
    expect(result.code).toBe(0);
    const [socket] = (await connection) as [Socket];
    socket.on("error", () => {}).resume();
    if (!socket.closed) await once(socket, "close");
    server.close();
  });
});
