import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cliPage } from "../scripts/cli-page.ts";
import { withRoutes } from "../scripts/mlflow-routes.ts";
import { COMMANDS } from "../src/cli/commands.ts";
import { ERROR_CODES } from "../src/core/errors.ts";
import { parseWith } from "../src/core/parse.ts";
import { parseYaml } from "../src/core/yaml.ts";
import { KNOWN_VARIABLES } from "../src/pipelines/environment-settings.ts";
import { baseParamsSchema } from "../src/pipelines/params.ts";
import { sourcesParams } from "../src/sources/params.ts";

const root = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const pages = [
  "README.md",
  ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`),
].filter((path) => path.endsWith(".md"));

test("docs/cli.md is what the commands say (npx tsx scripts/write-cli-docs.ts)", async () => {
  expect(read("docs/cli.md")).toBe(await cliPage());
});

test("docs/mlflow.md lists every route (npx tsx scripts/write-mlflow-docs.ts)", () => {
  expect(read("docs/mlflow.md")).toBe(withRoutes(read("docs/mlflow.md")));
});

test("docs/cli.md names every command and subcommand", async () => {
  const page = read("docs/cli.md");
  const missing: string[] = [];
  for (const [name, entry] of Object.entries(COMMANDS)) {
    const definition = await entry.load();
    const names = [name, ...(definition.subcommands ?? []).map((sub) => `${name} ${sub.name}`)];
    missing.push(...names.filter((each) => !page.includes(`duetmind ${each}`)));
  }
  expect(missing).toEqual([]);
});

test("every command has a summary and an example that starts with its own name", async () => {
  const wrong: string[] = [];
  for (const [name, entry] of Object.entries(COMMANDS)) {
    const definition = await entry.load();
    for (const each of [definition, ...(definition.subcommands ?? [])]) {
      if (each.summary === "" || each.examples.length === 0) wrong.push(`${name}: ${each.name}`);
      if (each.examples.some((line) => !/^(cat .*\| )?duetmind /.test(line))) wrong.push(each.name);
    }
  }
  expect(wrong).toEqual([]);
});

test("docs/errors.md explains every error code", () => {
  const page = read("docs/errors.md");
  expect(Object.keys(ERROR_CODES).filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
});

test("docs/configuration.md explains every section and every variable", () => {
  const page = read("docs/configuration.md");
  const sections = Object.keys(baseParamsSchema.shape);
  expect(sections.filter((section) => !page.includes(`\`${section}\``))).toEqual([]);
  expect(KNOWN_VARIABLES.filter(({ name }) => !page.includes(`\`${name}\``))).toEqual([]);
});

test("docs/layout.md names folders that exist, and every room of src", () => {
  const page = read("docs/layout.md");
  const named = [...page.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap((row) =>
    [...row[1]!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!),
  );
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  const rooms = readdirSync(join(root, "src"), { withFileTypes: true }).filter((e) =>
    e.isDirectory(),
  );
  expect(rooms.filter((room) => !named.includes(`src/${room.name}/`)).map((r) => r.name)).toEqual(
    [],
  );
});

test("sources in docs/connect-your-data.md parse", () => {
  const page = read("docs/connect-your-data.md");
  const blocks = [...page.matchAll(/```yaml\n(sources:[\s\S]*?)```/g)].map((match) => match[1]!);
  expect(blocks.length).toBeGreaterThan(0);
  for (const block of blocks) {
    const { sources } = parseYaml(block, "docs/connect-your-data.md") as { sources: unknown };
    parseWith(sourcesParams, sources, "docs/connect-your-data.md");
  }
});

test("links between pages lead somewhere", () => {
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
      .map((match) => join(root, page, "..", match[1]!))
      .filter((target) => !existsSync(target))
      .map((target) => `${page} -> ${target}`),
  );
  expect(broken).toEqual([]);
});

test("ts blocks of the pages type-check", () => {
  const blocks = pages.flatMap((page) =>
    [...read(page).matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!),
  );
  expect(blocks.length).toBeGreaterThan(0);
  const folder = mkdtempSync(join(root, "test", "docs-blocks-"));
  try {
    blocks.forEach((block, i) => {
      const code = block
        .replaceAll('"duetmind"', '"../../src/index.ts"')
        .replaceAll('"duetmind/memory"', '"../../src/memory.ts"')
        .replaceAll('"duetmind/client"', '"../../src/client/create-tracking-client.ts"');
      writeFileSync(join(folder, `block-${i}.ts`), `${code}\nexport {};\n`);
    });
    const config = { extends: "../../tsconfig.json", include: ["*.ts"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", folder], {
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 180_000);
