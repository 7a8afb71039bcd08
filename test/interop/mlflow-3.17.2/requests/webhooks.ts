import { type CorpusRequest, type Group, get, post, send } from "../request.ts";

const W = "webhooks";
const CREATED = [{ entity: "REGISTERED_MODEL", action: "CREATED" }];

function create(name: string, fields: object, options: object = {}): CorpusRequest {
  const given = { name: "hook", url: "http://127.0.0.1:9/hook", events: CREATED, ...fields };
  return post(`create ${name}`, W, given, options);
}

function update(name: string, fields: object, options: object = {}): CorpusRequest {
  return send("PATCH", `update ${name}`, `${W}/{{w}}`, fields, options);
}

export const webhooks: Group = {
  name: "webhooks",
  requests: [
    get("list none", W),
    create("one", {}, { save: { w: "webhook.webhook_id" } }),
    create(
      "one with everything",
      {
        name: "all",
        description: "text",
        secret: "hush",
        status: "DISABLED",
        events: [
          { entity: "MODEL_VERSION", action: "CREATED" },
          { entity: "MODEL_VERSION_TAG", action: "SET" },
          { entity: "MODEL_VERSION_TAG", action: "DELETED" },
          { entity: "MODEL_VERSION_ALIAS", action: "CREATED" },
          { entity: "MODEL_VERSION_ALIAS", action: "DELETED" },
        ],
      },
      { save: { all: "webhook.webhook_id" } },
    ),
    create("another of that name", {}, { save: { third: "webhook.webhook_id" } }),
    get("get", `${W}/{{w}}`),
    get("get one with a secret", `${W}/{{all}}`),
    get("get under ajax-api", "/ajax-api/2.0/mlflow/webhooks/{{w}}"),
    get("get an unknown one", `${W}/00000000-0000-0000-0000-000000000000`),
    create("without a name", { name: undefined }),
    create("with an empty name", { name: "" }),
    create("without a URL", { url: undefined }),
    create("without events", { events: undefined }, { says: "" }),
    create("with no events", { events: [] }, { says: "" }),
    create("with a URL that is none", { url: "nothing" }, { says: "" }),
    create("with a URL of another scheme", { url: "ftp://127.0.0.1/x" }, { says: "" }),
    create("with a name of 63", { name: "n".repeat(63) }, { save: { long: "webhook.webhook_id" } }),
    create("with a name of 64", { name: "n".repeat(64) }, { says: "" }),
    create("with a name that begins with a dash", { name: "-x" }, { says: "" }),
    create("with marks in its name", { name: "a b" }, { says: "" }),
    create(
      "with an unknown action",
      { events: [{ entity: "REGISTERED_MODEL", action: "SET" }] },
      { says: "" },
    ),
    create(
      "with an unknown entity",
      { events: [{ entity: "NOBODY", action: "CREATED" }] },
      { says: "" },
    ),
    create(
      "with an event without an action",
      { events: [{ entity: "REGISTERED_MODEL" }] },
      { says: "" },
    ),
    get("list", W),
    get("list the first page", W, { max_results: 2 }, { save: { t: "next_page_token" } }),
    get("list the second page", W, { max_results: 2, page_token: "{{t}}" }),
    get("list 1000", W, { max_results: 1000 }),
    get("list 1001", W, { max_results: 1001 }, { says: "" }),
    get("list 0", W, { max_results: 0 }, { says: "" }),
    get("list with a bad token", W, { page_token: "nonsense!" }, { says: "" }),
    update("the name", { name: "renamed" }),
    update("the URL", { url: "http://127.0.0.1:9/other" }),
    update("the URL to none", { url: "nothing" }, { says: "" }),
    update("the events", { events: [{ entity: "MODEL_VERSION", action: "CREATED" }] }),
    update("the description", { description: "words" }),
    update("the status", { status: "DISABLED" }),
    update("the secret", { secret: "quiet" }),
    update("nothing", {}),
    update("the name to a bad one", { name: "-" }, { says: "" }),
    update("the name to an empty one", { name: "" }, { says: "" }),
    get("get updated", `${W}/{{w}}`),
    send("PATCH", "update an unknown one", `${W}/00000000-0000-0000-0000-000000000000`, {
      name: "x",
    }),
    send("DELETE", "delete", `${W}/{{w}}`, {}),
    send("DELETE", "delete again", `${W}/{{w}}`, {}),
    get("get a deleted one", `${W}/{{w}}`),
    get("list after a delete", W),
    ...["all", "third", "long"].map((id) => send("DELETE", `delete ${id}`, `${W}/{{${id}}}`, {})),
    create("with an unknown status", { status: "ASLEEP" }, { says: "" }),
    create(
      "with one event twice",
      { name: "twice", events: [...CREATED, ...CREATED] },
      { says: "" },
    ),
  ],
};
