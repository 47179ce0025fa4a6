// The platform as a process, which can be stopped and started again where it was.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const WORKSPACE = process.env.WORKSPACE;

/** Starts it; comes to its address, and a way to stop it that says how it ended. */
export async function start(designs, key, bind = "127.0.0.1:0") {
  const options = ["--bind", bind, "--designs", designs, "--admin-key", key];
  const command = ["run", "--quiet", "-p", "mock-platform", "--", ...options];
  const child = spawn("cargo", command, { cwd: WORKSPACE, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = line.match(/^listening on (.+)$/) ?? [];
    if (!url) continue;
    const stop = () => (child.kill("SIGTERM"), ended);
    return { url, stop };
  }
  throw new Error(`the platform did not start: ${await ended}`);
}
