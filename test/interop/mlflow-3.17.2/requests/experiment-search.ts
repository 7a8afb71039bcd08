import { type CorpusRequest, type Group, get, post } from "../request.ts";

function make(name: string, tags: Readonly<Record<string, string>>, save: string): CorpusRequest {
  const list = Object.entries(tags).map(([key, value]) => ({ key, value }));
  return post(
    `create ${name}`,
    "experiments/create",
    { name, tags: list },
    { save: { [save]: "experiment_id" } },
  );
}

const SEARCH = "experiments/search";

/** Only what this group made: other groups leave experiments behind. */
function find(filter: string, says?: string): CorpusRequest {
  return post(
    `filter ${filter}`,
    SEARCH,
    { max_results: 100, filter, order_by: ["name"] },
    says === undefined ? {} : { says },
  );
}

function bad(filter: string): CorpusRequest {
  return find(filter, "");
}

const OURS = "name LIKE 'find-%'";

function order(...order_by: readonly string[]): CorpusRequest {
  return post(`order by ${order_by.join(", ")}`, SEARCH, {
    max_results: 100,
    filter: OURS,
    order_by,
  });
}

function page(name: string, fields: object, options: object = {}): CorpusRequest {
  return post(name, SEARCH, { filter: OURS, order_by: ["name"], ...fields }, options);
}

export const experimentSearch: Group = {
  name: "experiment-search",
  requests: [
    make("find-a", { team: "blue", "a.b": "dotted", "with space": "s" }, "a"),
    make("find-b", { team: "Blue", size: "10" }, "b"),
    make("find-C", { team: "red" }, "c"),
    make("find-d's", { quote: "x''y" }, "d"),
    make("find-%_e", {}, "e"),
    make("find-deleted", { team: "blue" }, "gone"),
    post("delete one", "experiments/delete", { experiment_id: "{{gone}}" }),
    find("name = 'find-a'"),
    find('name = "find-a"'),
    find("name='find-a'"),
    find("`name` = 'find-a'"),
    find("attribute.name = 'find-a'"),
    find("attributes.name = 'find-a'"),
    find("name = 'find-d''s'"),
    find('name = "find-d\'s"'),
    find(`name != 'find-a' AND ${OURS}`),
    find("name LIKE 'find-%'"),
    find("name LIKE 'FIND-%'"),
    find("name ILIKE 'FIND-%'"),
    find("name like 'find-_'"),
    find("name iLiKe 'FIND-c'"),
    find(`experiment_id = '{{a}}'`),
    find(`experiment_id IN ('{{a}}', '{{b}}')`),
    find(`experiment_id NOT IN ('{{a}}', '{{b}}') AND ${OURS}`),
    find(`experiment_id != '{{a}}' AND ${OURS}`),
    find("tag.team = 'blue'"),
    find("tags.team = 'blue'"),
    find("tag.team != 'blue'"),
    find("tag.team LIKE 'bl%'"),
    find("tag.team ILIKE 'BL%'"),
    find("tag.`a.b` = 'dotted'"),
    find("tag.\"with space\" = 's'"),
    find("tag.a.b = 'dotted'"),
    find("tag.quote = 'x''y'"),
    find("tag.team IS NOT NULL"),
    find(`tag.team IS NULL AND ${OURS}`),
    find("tag.team = 'blue' AND name = 'find-a'"),
    find("tag.team = 'blue' and tag.`a.b` = 'dotted'"),
    find(`creation_time > 0 AND ${OURS}`),
    find("creation_time < 0"),
    find(`last_update_time >= 0 AND ${OURS}`),
    find("last_update_time <= 5"),
    find("creation_time = 1"),
    find(`creation_time != 1 AND ${OURS}`),
    find(`AND ${OURS}`),
    find(`${OURS} AND`),
    bad("name == 'find-a'"),
    bad("name <> 'find-a'"),
    bad("name = find-a"),
    bad("name"),
    bad("name ="),
    bad("= 'x'"),
    bad("'find-a' = name"),
    bad("name = 'find-a' OR name = 'find-b'"),
    bad("(name = 'find-a')"),
    bad("name > 'find-a'"),
    bad("name IN ('find-a')"),
    bad("name IS NULL"),
    bad("Name = 'find-a'"),
    bad("nobody = 'x'"),
    bad("metrics.m = 1"),
    bad("params.p = 'x'"),
    bad("tags.team > 'a'"),
    bad("tags.team = 5"),
    bad("creation_time = 'soon'"),
    bad("creation_time > 1.5"),
    bad("creation_time LIKE '1'"),
    bad("experiment_id LIKE '1'"),
    bad("name = 'find-a';"),
    bad("name = 'find-a' -- comment"),
    bad("name = 'x\\'y'"),
    bad("name = 'x'y'"),
    bad(" "),
    bad("name BETWEEN 'a' AND 'b'"),
    page("an empty filter with a page of one", { filter: "", max_results: 1, view_type: "ALL" }),
    page("deleted ones", { max_results: 10, view_type: "DELETED_ONLY" }),
    page("all of them", { max_results: 10, view_type: "ALL" }),
    page("active ones", { max_results: 10, view_type: "ACTIVE_ONLY" }),
    page("a view by its number", { max_results: 10, view_type: 2 }),
    page("a view by its number as text", { max_results: 10, view_type: "2" }, { says: "" }),
    page("an unknown view", { max_results: 10, view_type: "NONE" }, { says: "" }),
    page("the first page", { max_results: 2 }, { save: { token: "next_page_token" } }),
    page(
      "the second page",
      { max_results: 2, page_token: "{{token}}" },
      { save: { token2: "next_page_token" } },
    ),
    page("the last page", { max_results: 2, page_token: "{{token2}}" }),
    page("a page as long as the rest", { max_results: 5 }),
    page("a bad page token", { max_results: 2, page_token: "nonsense!" }, { says: "" }),
    page("without max_results", {}),
    page("max_results of 0", { max_results: 0 }),
    page("max_results of -1", { max_results: -1 }, { says: "" }),
    page("max_results of 50000", { max_results: 50_000 }),
    page("max_results of 50001", { max_results: 50_001 }, { says: "" }),
    page("max_results as text", { max_results: "3" }),
    page("max_results as words", { max_results: "three" }),
    page("max_results with a fraction", { max_results: 1.5 }, { says: "" }),
    get(
      "GET",
      SEARCH,
      { max_results: 2, filter: OURS, order_by: "name DESC" },
      { save: { t: "next_page_token" } },
    ),
    get("GET, its second page", SEARCH, {
      max_results: 2,
      filter: OURS,
      order_by: "name DESC",
      page_token: "{{t}}",
    }),
    get("GET with a view", SEARCH, {
      max_results: 9,
      filter: OURS,
      order_by: "name",
      view_type: "ALL",
    }),
    get("GET with two orders", SEARCH, {
      max_results: 9,
      filter: OURS,
      order_by: ["creation_time", "name"],
    }),
    get("GET without max_results", SEARCH, { filter: OURS }),
    order("name"),
    order("name ASC"),
    order("name DESC"),
    order("name desc"),
    order("experiment_id"),
    order("experiment_id DESC"),
    order("creation_time"),
    order("creation_time DESC", "name"),
    order("last_update_time ASC"),
    order("name", "name DESC"),
    order("attribute.name DESC"),
    post("order by default", SEARCH, { max_results: 100, filter: OURS }),
    ...["nobody", "name UP", "name ASC DESC", "tag.team", "", "name; --", "metrics.m"].map((key) =>
      post(
        `order by bad '${key}'`,
        SEARCH,
        { max_results: 10, filter: OURS, order_by: [key] },
        { says: "" },
      ),
    ),
  ],
};
