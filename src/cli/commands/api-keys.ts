import { Option } from "commander";
import { toApiKeyJson } from "../../access/api-key-json.ts";
import { type ApiKeyService, createApiKeys } from "../../access/api-keys.ts";
import { SCOPES, type Scope } from "../../access/scope.ts";
import { DuetMindError } from "../../core/errors.ts";
import { toTable } from "../../core/text-table.ts";
import { actorOf } from "../../pipelines/register-actor.ts";
import { loadServerProject } from "../../pipelines/server-project.ts";
import { openDatabase } from "../../store/database.ts";
import type { CommandDefinition } from "../command.ts";
import type { CliContext } from "../context.ts";

export const command: CommandDefinition = {
  name: "api-keys",
  summary: "Make, list and revoke the keys that callers of the server show",
  examples: [
    "duetmind api-keys create laptop --scope write --expires 90d",
    "duetmind api-keys list",
  ],
  subcommands: [
    {
      name: "create",
      summary: "Make a key; it is shown once",
      examples: [
        "duetmind api-keys create laptop",
        "duetmind api-keys create ci --scope read --json",
        "duetmind api-keys create ward-3 --tenant clinic --agent nurse",
      ],
      configure: (command) => {
        command
          .argument("<name>", "what the key is for")
          .addOption(
            new Option("--scope <scope>", "what it allows").choices(SCOPES).default("write"),
          )
          .option("--expires <time>", "days or hours from now, such as 90d or 12h; default: never")
          .option("--tenant <name>", "whose memory its caller has; default: that of params.yaml")
          .option("--agent <name>", "as which agent of the tenant");
      },
      run: ({ args, options }, context) =>
        withApiKeys(context, async (apiKeys, actor) => {
          const expires = options["expires"] as string | undefined;
          const now = context.effects.clock.now();
          const expiresAt = expires === undefined ? null : new Date(now.getTime() + toMs(expires));
          const scope = options["scope"] as Scope;
          const tenant = options["tenant"] as string | undefined;
          const agent = options["agent"] as string | undefined;
          const wanted = { name: args[0]!, scope, expiresAt, tenant, agent };
          const made = await apiKeys.create(wanted, actor);
          return {
            json: { schema_version: 1, ...toApiKeyJson(made), key: made.key },
            text: `${made.key}\n\nThis key is not shown again. MLflow's clients take it as MLFLOW_TRACKING_TOKEN.`,
          };
        }),
    },
    {
      name: "list",
      summary: "List the keys, without what is secret of them",
      examples: ["duetmind api-keys list"],
      run: (_invocation, context) =>
        withApiKeys(context, async (apiKeys) => {
          const keys = (await apiKeys.list()).map(toApiKeyJson);
          return {
            json: { schema_version: 1, api_keys: keys },
            text:
              keys.length === 0
                ? "there is no key; next: duetmind api-keys create NAME"
                : toTable(
                    [
                      "id",
                      "name",
                      "scope",
                      "tenant",
                      "agent",
                      "made",
                      "by",
                      "expires",
                      "revoked",
                      "last used",
                    ],
                    keys.map((key) => [
                      ...[key.id, key.name, key.scope, key.tenant ?? "", key.agent ?? ""],
                      ...[key.created_at, key.created_by],
                      ...[key.expires_at ?? "", key.revoked_at ?? "", key.last_used_at ?? ""],
                    ]),
                  ),
          };
        }),
    },
    {
      name: "revoke",
      summary: "End a key",
      examples: ["duetmind api-keys revoke laptop"],
      configure: (command) => {
        command.argument("<id>", "id or name of the key");
      },
      run: ({ args }, context) =>
        withApiKeys(context, async (apiKeys, actor) => {
          const key = toApiKeyJson(await apiKeys.revoke(args[0]!, actor));
          return { json: { schema_version: 1, ...key }, text: `revoked ${key.name} (${key.id})` };
        }),
    },
  ],
};

async function withApiKeys<T>(
  { cwd, env, effects }: CliContext,
  run: (apiKeys: ApiKeyService, actor: string) => Promise<T>,
): Promise<T> {
  const project = await loadServerProject(cwd, env, effects);
  const { root, database: params } = project;
  const database = await openDatabase({ root, env: project.env, params, effects });
  try {
    return await run(createApiKeys(database, effects.clock), actorOf(project.env));
  } finally {
    await database.close();
  }
}

const HOUR_MS = 3_600_000;

function toMs(text: string): number {
  const match = /^([1-9]\d{0,4})([dh])$/.exec(text);
  if (match !== null) return Number(match[1]) * (match[2] === "d" ? 24 * HOUR_MS : HOUR_MS);
  throw new DuetMindError(
    "USAGE",
    `--expires: expected days or hours such as 90d or 12h, got "${text}"`,
  );
}
