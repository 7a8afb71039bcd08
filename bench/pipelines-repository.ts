import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { duetmind, measureProcess, type Used } from "./measure-process.ts";

/** A folder as `dvc init --no-scm` makes it, and both tools on it, each call a process of its own. */
export type Repository = Readonly<{
  folder: string;
  ours(...words: readonly string[]): Used;
  dvc(...words: readonly string[]): Used;
  write(path: string, text: string): void;
}>;

export type PeerDvc = Readonly<{ command: string }>;

/** DVC neither reports home nor looks for updates, and keeps its state in a folder of this bench. */
const CONFIG = "[core]\n    no_scm = true\n    analytics = false\n    check_update = false\n";

export function createRepository(parent: string, name: string, peer: PeerDvc): Repository {
  const folder = mkdtempSync(join(parent, `${name}-`));
  mkdirSync(join(folder, ".dvc", "tmp"), { recursive: true });
  writeFileSync(join(folder, ".dvc", "config"), CONFIG);
  writeFileSync(join(folder, ".dvc", ".gitignore"), "/config.local\n/tmp\n/cache\n");
  return repositoryAt(folder, peer);
}

export function repositoryAt(folder: string, peer: PeerDvc): Repository {
  const within = [
    "env",
    "-C",
    folder,
    `DVC_SITE_CACHE_DIR=${folder}.state`,
    "DVC_NO_ANALYTICS=true",
    "SHELL=/bin/sh",
  ];
  return {
    folder,
    ours: (...words) => measureProcess(0, ...within, ...duetmind(...words)),
    dvc: (...words) => measureProcess(0, ...within, peer.command, ...words),
    write: (path, text) => writeFileSync(join(folder, path), text),
  };
}

/** The same repository once more, so that neither tool works on what the other remembers. */
export function copyRepository(from: Repository, peer: PeerDvc): Repository {
  const folder = `${from.folder}-copy`;
  execFileSync("cp", ["-a", from.folder, folder]);
  return repositoryAt(folder, peer);
}

export function removeRepository({ folder }: Repository): void {
  for (const path of [folder, `${folder}.state`]) rmSync(path, { recursive: true, force: true });
}

/** The reference application, run once. */
export function referenceApplication(parent: string, peer: PeerDvc): Repository {
  const folder = mkdtempSync(join(parent, "reference-"));
  const made = repositoryAt(folder, peer);
  made.ours("init", "demo", "--sample", "alzheimer");
  const demo = repositoryAt(join(folder, "demo"), peer);
  demo.ours("reproduce");
  demo.write(".dvc/config", CONFIG);
  return demo;
}

/** Each stage reads what the one before it wrote. */
export function writeChain(repository: Repository, stages: number): void {
  const lines = Array.from({ length: stages }, (_, i) => {
    const before = i === 0 ? "in.txt" : `out-${i - 1}.txt`;
    return `  s${i}:\n    cmd: echo ${i} > out-${i}.txt\n    deps: [${before}]\n    outs: [out-${i}.txt]\n`;
  });
  repository.write("in.txt", "in\n");
  repository.write("dvc.yaml", `stages:\n${lines.join("")}`);
}

/** Stages that know nothing of each other and take two seconds each. */
export function writeIndependent(repository: Repository, stages: number): void {
  const lines = Array.from(
    { length: stages },
    (_, i) =>
      `  s${i}:\n    cmd: sleep 2 && echo ${i} > out-${i}.txt\n    deps: [in.txt]\n    outs: [out-${i}.txt]\n`,
  );
  repository.write("in.txt", "in\n");
  repository.write("dvc.yaml", `stages:\n${lines.join("")}`);
}

/** What `add` of every file would have left: `.dvc` files, and their objects in the cache. */
export function writeAddedFiles(repository: Repository, files: number): void {
  for (let i = 0; i < files; i++) {
    const text = `content of file ${i}\n`;
    const md5 = createHash("md5").update(text).digest("hex");
    const folder = join(repository.folder, ".dvc", "cache", "files", "md5", md5.slice(0, 2));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, md5.slice(2)), text);
    chmodSync(join(folder, md5.slice(2)), 0o444);
    repository.write(`file-${i}.txt`, text);
    repository.write(
      `file-${i}.txt.dvc`,
      `outs:\n- md5: ${md5}\n  size: ${text.length}\n  hash: md5\n  path: file-${i}.txt\n`,
    );
  }
}

/** As MNIST laid out as files: a folder a class, 270 bytes a file. */
export function writeSmallFiles(repository: Repository, files: number): void {
  const classes = 10;
  for (let i = 0; i < classes; i++) {
    mkdirSync(join(repository.folder, "data", String(i)), { recursive: true });
  }
  for (let i = 0; i < files; i++) {
    repository.write(`data/${i % classes}/${i}.png`, `${i} `.repeat(54).slice(0, 270));
  }
}

export function writeLargeFile(path: string, bytes: number): void {
  const block = Buffer.alloc(1 << 22, createHash("sha512").update("block").digest());
  const file = openSync(path, "wx");
  for (let written = 0; written < bytes; written += block.length) {
    block.writeDoubleLE(written, 0);
    writeSync(file, block, 0, Math.min(block.length, bytes - written));
  }
  closeSync(file);
}
