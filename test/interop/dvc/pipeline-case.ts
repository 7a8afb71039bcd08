// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of dvc.yaml look like those of JavaScript
import fc from "fast-check";

/** A folder for DVC and for us: its files, and lines for `.dvc/config`. */
export type PipelineCase = Readonly<{
  files: Readonly<Record<string, string>>;
  config: string;
}>;

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Numbers as texts that are put in bare, so that 1.0, 1e5 and large integers keep their spelling. */
const number = fc.constantFrom(
  "0",
  "1",
  "-7",
  "1.0",
  "0.1",
  "1e-05",
  "1.5e+16",
  "12345678901234567890",
);
const word = fc.constantFrom(
  "a",
  "us",
  "eu",
  "x y",
  "it's",
  "é",
  "",
  "0",
  "true",
  "n/a",
  "v1.5",
  "a-b",
);
const NAMES = ["lr", "model", "list", "flag", "none", "deep", "name"] as const;

type Tree = Readonly<{ yaml: string; json: string; toml: string; python: string }>;

const leaf: fc.Arbitrary<Tree> = fc.oneof(
  number.map((n) => ({ yaml: n, json: n, toml: n, python: n })),
  word.map((w) => same(JSON.stringify(w))),
  fc.boolean().map((b) => ({ ...same(String(b)), python: b ? "True" : "False" })),
);
const nothing: Tree = { yaml: "null", json: "null", toml: '""', python: "None" };

function same(text: string): Tree {
  return { yaml: text, json: text, toml: text, python: text };
}

function list(items: readonly Tree[]): Tree {
  const join = (key: keyof Tree) => `[${items.map((item) => item[key]).join(", ")}]`;
  return { yaml: join("yaml"), json: join("json"), toml: join("toml"), python: join("python") };
}

function map(entries: readonly (readonly [string, Tree])[]): Tree {
  const join = (key: keyof Tree, name: (n: string) => string, mid: string) =>
    `{${entries.map(([n, tree]) => `${name(n)}${mid}${tree[key]}`).join(", ")}}`;
  return {
    yaml: join("yaml", (n) => n, ": "),
    json: join("json", (n) => JSON.stringify(n), ": "),
    toml: join("toml", (n) => n, " = "),
    python: join("python", (n) => JSON.stringify(n), ": "),
  };
}

const keys = fc.uniqueArray(fc.constantFrom("k", "lr", "us", "eu", "deep_er"), { maxLength: 3 });
const flat = keys.chain((names) =>
  fc
    .tuple(
      ...names.map(() =>
        fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }).map(list), fc.constant(nothing)),
      ),
    )
    .map((trees) => map(names.map((name, i) => [name, trees[i]!]))),
);
/** Values of every name that templates use, of the type that its name promises. */
const values = fc.record({
  lr: number.map((n) => same(n)),
  model: flat,
  list: fc.array(leaf, { minLength: 1, maxLength: 3 }).map(list),
  flag: fc.boolean().map((b): Tree => ({ ...same(String(b)), python: b ? "True" : "False" })),
  none: fc.constant(nothing),
  deep: fc.tuple(flat, leaf).map(([inner, item]) =>
    map([
      ["er", inner],
      ["items", list([inner, map([["q", item]])])],
    ]),
  ),
  name: word.map((w) => same(JSON.stringify(w))),
});

const FILES = {
  "params.yaml": "yaml",
  "vars.json": "json",
  "vars.toml": "toml",
  "vars.py": "python",
} as const;

/** The values in the spelling of a file's format. */
function fileOf(format: keyof Tree, tree: Readonly<Record<string, Tree>>, prefix: string): string {
  const pairs = Object.entries(tree).map(
    ([name, value]) => [`${prefix}${name}`, value[format]] as const,
  );
  if (format === "json") {
    return `{${pairs.map(([name, text]) => `${JSON.stringify(name)}: ${text}`).join(", ")}}\n`;
  }
  const mid = format === "yaml" ? ": " : " = ";
  return `${pairs.map(([name, text]) => `${name}${mid}${text}`).join("\n")}\n`;
}

const PREFIXES = {
  "params.yaml": "",
  "vars.json": "j_",
  "vars.toml": "t_",
  "vars.py": "p_",
} as const;

const path = fc
  .tuple(
    fc.constantFrom("", "j_", "t_", "p_"),
    fc.constantFrom(...NAMES),
    fc.constantFrom("", "", "", "", ".er", "[0]", ".items[1].q", ".lr", "[-1]"),
  )
  .map(
    ([prefix, name, rest]) =>
      `${prefix}${name}${name === "deep" || name === "list" || name === "model" ? rest : ""}`,
  );
const expression = fc.oneof(
  { weight: 6, arbitrary: path },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "item",
      "key",
      "item.lr",
      "item.axis",
      "item.other",
      " lr ",
      "unknown",
      "stage_only",
      "inline.a",
      "inline.b[1]",
    ),
  },
);
const scalarExpression = fc
  .tuple(fc.constantFrom("", "j_", "t_", "p_"), fc.constantFrom("lr", "flag", "name", "none"))
  .map(([prefix, name]) => `\${${prefix}${name}}`);

const text = (more: fc.Arbitrary<string>) =>
  fc
    .array(fc.oneof(fc.constantFrom("run", "--x=", "\\${kept}", "a.csv", "$HOME", "{}"), more), {
      maxLength: 3,
    })
    .map((parts) => ["run", ...parts].join(" "));

function stage(isGroup: boolean): fc.Arbitrary<Json> {
  const inserted = fc.oneof(
    { weight: 40, arbitrary: scalarExpression },
    { weight: 1, arbitrary: expression.map((e) => `\${${e}}`) },
    { weight: isGroup ? 20 : 0, arbitrary: fc.constant("${item}") },
    {
      weight: isGroup ? 2 : 0,
      arbitrary: fc.constantFrom("${key}", "${item.lr}", "${item.axis}", "${item.us}"),
    },
  );
  const commandPart = fc.oneof(
    { weight: 8, arbitrary: inserted },
    {
      weight: 2,
      arbitrary: fc.constantFrom("${model}", "${j_model}", "${t_deep.er}", "${p_model}"),
    },
  );
  const file = (stem: string) =>
    fc.oneof(
      fc.constant(stem),
      inserted.map((e) => `${stem}-${e}`),
    );
  const flags = fc.record(
    {
      cache: fc.boolean(),
      persist: fc.boolean(),
      push: fc.boolean(),
      remote: fc.constantFrom("r", "${name}"),
      desc: fc.constantFrom("d", "${lr}"),
      meta: fc.constant({ a: [1, "${lr}"] }),
    },
    { requiredKeys: [] },
  );
  const plotFlags = fc.record(
    {
      x: fc.constantFrom("a", "${name}"),
      y: fc.constant("b"),
      title: fc.constant("t ${lr}"),
      header: fc.boolean(),
      cache: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  const out = (stem: string, f: fc.Arbitrary<Json>) =>
    fc.oneof(
      file(stem),
      fc.tuple(file(stem), f).map(([p, each]) => ({ [p]: each })),
    );
  return fc.record(
    {
      cmd: fc.oneof(text(commandPart), fc.array(text(commandPart), { minLength: 1, maxLength: 2 })),
      wdir: fc.constantFrom("sub", "sub/./x/..", "${sub}", "."),
      deps: fc.array(file("dep"), { maxLength: 3 }),
      params: fc.array(
        fc.oneof(
          fc.constantFrom("lr", "model", "deep.er", "list.0", "none"),
          fc.constantFrom<Json>(
            { "vars.json": ["j_lr", "j_model"] },
            { "vars.toml": null },
            { "vars.py": ["p_deep", "p_list"] },
            { "vars.py": null },
            { "params.yaml": ["flag"] },
            { "params.yaml": null },
            { "${file}": ["j_name"] },
          ),
        ),
        { maxLength: 3 },
      ),
      outs: fc.array(out("out", flags), { maxLength: 2 }),
      metrics: fc.array(out("metric", flags), { maxLength: 1 }),
      plots: fc.array(out("plot", plotFlags), { maxLength: 1 }),
      vars: fc.oneof(
        {
          weight: 12,
          arbitrary: fc.constantFrom<Json>([], [{ stage_only: 1 }], [{ model: { added: "$" } }]),
        },
        {
          weight: 1,
          arbitrary: fc.constantFrom<Json>(
            ["more.yaml"],
            ["more.yaml:m"],
            [{ lr: 2 }],
            [{ item: 3 }],
            [{ model: { added: "${lr}" } }],
          ),
        },
      ),
      frozen: fc.boolean(),
      always_changed: fc.boolean(),
      desc: fc.constantFrom("What it does", "of ${name}"),
      meta: fc.constantFrom<Json>({ a: 1.5 }, "${lr}", ["${flag}", null]),
    },
    { requiredKeys: ["cmd"] },
  ) as fc.Arbitrary<Json>;
}

const items: fc.Arbitrary<Json> = fc.constantFrom<Json>(
  ["a", "b"],
  [1, 2.5, true, null, "x"],
  [
    { lr: 1, us: "a" },
    { lr: 2, us: ["${lr}"] },
  ],
  { us: { lr: 1 }, eu: { lr: "${lr}" } },
  { us: "x", eu: "${flag}" },
  ["${name}", "${lr}"],
  [],
  "${list}",
  "${j_list}",
  "${model}",
  "${deep.items}",
  "${t_deep.er}",
  "${p_list}",
  "${lr}",
);
const axis: fc.Arbitrary<Json> = fc.constantFrom<Json>(
  ["a", "b"],
  [1, true, null, 0.5],
  [{ lr: 1 }, "z"],
  "${list}",
  "${j_model}",
  ["${lr}", "${deep}"],
  "xy",
);

const entry: fc.Arbitrary<Json> = fc.oneof(
  { weight: 4, arbitrary: stage(false) },
  {
    weight: 3,
    arbitrary: fc.tuple(items, stage(true)).map(([foreach, body]): Json => ({ foreach, do: body })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(axis, axis, fc.boolean(), stage(true)).map(
      ([a, b, isTwo, body]): Json => ({
        matrix: isTwo ? { axis: a, other: b } : { axis: a },
        ...(body as object),
      }),
    ),
  },
);

const topVars: fc.Arbitrary<Json> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constantFrom<Json>(
      [],
      [],
      [{ inline: { a: 1, b: [true, "x"] } }],
      ["more.yaml"],
      ["more.yaml:m,n"],
      ["more.yaml", "more.yaml"],
      ["more.yaml:m", "more.yaml:n"],
      [{ model: { extra: 1 } }],
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Json>(
      ["more.yaml:m", "more.yaml"],
      [{ lr: 3 }],
      ["missing.yaml"],
      ["more.yaml:zz"],
    ),
  },
);

/** Random folders; about half of them resolve. */
export const pipelineCase: fc.Arbitrary<PipelineCase> = fc
  .record({
    values,
    more: fc.record({ m: leaf, n: flat }),
    vars: topVars,
    stages: fc.dictionary(fc.constantFrom("train", "prep", "eval", "Étape"), entry, {
      minKeys: 1,
      maxKeys: 3,
    }),
    style: fc.constantFrom(
      "",
      "",
      "[parsing]\n    bool = boolean_optional\n",
      "[parsing]\n    list = append\n",
    ),
    isInside: fc.boolean(),
  })
  .map(({ values: tree, more, vars, stages, style, isInside }) => {
    const folder = isInside ? "inner/" : "";
    const all = [
      "vars.json",
      "vars.toml",
      "vars.py",
      { sub: "sub", file: "vars.json" },
      ...(vars as Json[]),
    ];
    const files: Record<string, string> = {
      [`${folder}dvc.yaml`]: `${JSON.stringify({ vars: all, stages, params: ["vars.json"], metrics: ["m-${lr}.json"], plots: [{ "p.csv": { x: "${name}" } }], artifacts: { "art-${flag}": { path: "o", labels: ["${name}"] } } }, null, 1)}\n`,
      [`${folder}sub/keep`]: "",
      [`${folder}more.yaml`]: fileOf("yaml", more, ""),
      [`${folder}sub/more.yaml`]: fileOf("yaml", more, ""),
    };
    for (const [name, format] of Object.entries(FILES)) {
      const prefix = PREFIXES[name as keyof typeof PREFIXES];
      files[`${folder}${name}`] = fileOf(format, tree, prefix);
      files[`${folder}sub/${name}`] = files[`${folder}${name}`]!;
    }
    return { files, config: style };
  });
