import { parseEnv } from "node:util";
import { MEMORY_KEY_VARIABLE } from "../agent-memory/privacy/memory-keys.ts";
import type { Environment } from "../core/environment.ts";
import { DuetMindError } from "../core/errors.ts";
import { type Layer, mergeLayers, treeOf } from "../core/layers.ts";
import { parseYaml } from "../core/yaml.ts";
import { SECRET_KEY_VARIABLES } from "../events/seal-secret.ts";
import { WEBHOOK_VARIABLES } from "../events/webhook-settings.ts";
import { MIRROR_VARIABLES } from "../tracking/mirror-variables.ts";

/** A variable that DuetMind reads by name. Secrets are shown as `***`, never logged or stored. */
export type KnownVariable = Readonly<{ name: string; secret: boolean; meaning: string }>;

export const KNOWN_VARIABLES: readonly KnownVariable[] = [
  { name: "DATABASE_URL", secret: true, meaning: "PostgreSQL in place of the embedded database" },
  {
    name: "DUETMIND_MASK_KEY",
    secret: true,
    meaning: "key of the digests that mask sensitive values",
  },
  ...SECRET_KEY_VARIABLES.map((name) => ({
    name,
    secret: true,
    meaning: "key that the server seals the secrets of webhooks with",
  })),
  {
    name: MEMORY_KEY_VARIABLE,
    secret: true,
    meaning: "keys that the content of agents' memories is sealed with, the current one first",
  },
  ...MIRROR_VARIABLES.map((variable) => ({
    ...variable,
    meaning: "MLflow server that runs are mirrored to",
  })),
  ...WEBHOOK_VARIABLES.flatMap((name) => [
    { name: `DUETMIND_${name}`, secret: false, meaning: "delivery of webhooks" },
    { name: `MLFLOW_${name}`, secret: false, meaning: "delivery of webhooks" },
  ]),
  {
    name: "DUETMIND_DIR",
    secret: false,
    meaning: "where the database and artifacts are kept; default: .duetmind",
  },
  {
    name: "DUETMIND_ACTOR",
    secret: false,
    meaning: "who acts, in the audit trail; default: the user",
  },
  {
    name: "MLFLOW_TRACKING_TOKEN",
    secret: true,
    meaning: "the token that `duetmind import mlflow` shows the other server",
  },
  {
    name: "MLFLOW_TRACKING_USERNAME",
    secret: false,
    meaning: "the name it shows, with the password",
  },
  { name: "MLFLOW_TRACKING_PASSWORD", secret: true, meaning: "the password to that name" },
];

/**
 * Sections that the environment may set, as DUETMIND_<SECTION>__<KEY>: those that say where things
 * are kept. Sections that decide what is made (features, model, …) come from params.yaml alone,
 * because dvc.lock compares that file.
 */
const SECTIONS = ["database", "artifacts", "tracking", "vector", "drift", "memory"] as const;

const OVERRIDE = new RegExp(`^DUETMIND_(${SECTIONS.join("|").toUpperCase()})__([A-Z0-9_]+)$`);

/** `DUETMIND_DATABASE__POOL_SIZE=20` → `{ database: { pool_size: 20 } }`. */
export function environmentLayer(environment: Environment, origin: string): Layer {
  const trees = Object.entries(environment).flatMap(([name, text]) => {
    const match = OVERRIDE.exec(name);
    if (match === null || text === undefined) return [];
    const path = `${match[1]}.${match[2]}`.toLowerCase();
    return [
      { origin, values: treeOf(path, parseYaml(text, `${origin}: ${name}`, "CONFIG_INVALID")) },
    ];
  });
  return { origin, values: mergeLayers(trees).values };
}

/** `key.path=value` of a `--set` flag. */
export function flagLayer(settings: readonly string[]): Layer {
  const trees = settings.map((setting) => {
    const at = setting.indexOf("=");
    if (at <= 0) {
      throw new DuetMindError("USAGE", `--set: expected section.key=value, got "${setting}"`);
    }
    const value = parseYaml(setting.slice(at + 1), `--set ${setting}`, "CONFIG_INVALID");
    return { origin: "flag --set", values: treeOf(setting.slice(0, at), value) };
  });
  return { origin: "flag --set", values: mergeLayers(trees).values };
}

/** The variables of a `.env` file, in Node's own reading of the format. */
export function parseEnvFile(text: string): Environment {
  return parseEnv(text) as Environment;
}
