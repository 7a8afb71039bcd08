import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach } from "vitest";
import { temporaryFolder } from "../support/database.ts";
import { debianMissing } from "./debian-package.ts";
import { freePort } from "./free-port.ts";

const running: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});

/** Why there can be no tinyproxy here, or undefined. */
export const tinyproxyMissing = () => debianMissing("tinyproxy", ["-v"], "tinyproxy");

/** A real proxy on loopback that asks for a password; it ends with the test. */
export async function startTinyproxy(user: string, password: string): Promise<{ url: string }> {
  const folder = temporaryFolder();
  const port = await freePort();
  const settings = [
    ...[`Port ${port}`, "Listen 127.0.0.1", "Allow 127.0.0.1", "MaxClients 20"],
    ...["Timeout 600", `BasicAuth ${user} ${password}`, `LogFile "${join(folder, "log")}"`],
  ];
  const file = join(folder, "tinyproxy.conf");
  writeFileSync(file, `${settings.join("\n")}\n`);
  const child = spawn("tinyproxy", ["-d", "-c", file], { stdio: "ignore" });
  const ended = once(child, "exit");
  running.push(async () => {
    child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  for (let attempt = 0; attempt < 100; attempt++) {
    if (await isOpen(port)) return { url: `http://127.0.0.1:${port}` };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("tinyproxy: expected it to listen within ten seconds");
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
