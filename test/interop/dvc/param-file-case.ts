import fc from "fast-check";

/** A file of parameters by its name and text. */
export type ParamFile = readonly [name: string, text: string];

const word = fc.constantFrom("a", "b_1", "lr", "é", "Train");
const text = fc.oneof(
  fc.string({ maxLength: 6 }).map((s) => JSON.stringify(s)),
  fc.constantFrom(
    "'it'",
    '"""two\nlines"""',
    "r'\\n'",
    "'\\x41\\u00e9\\101\\q'",
    "'a' \"b\"",
    "''",
    "u'x'",
    "'\\\n'",
  ),
);
const number = fc.oneof(
  fc.constantFrom(
    "0",
    "1_000",
    "0x1F",
    "0o17",
    "0b11",
    "1e5",
    "1E-7",
    ".5",
    "3.",
    "1_0.2_5",
    "1e400",
  ),
  fc.bigInt({ min: 0n, max: 1n << 70n }).map(String),
  fc
    .double({ min: 0, noNaN: true, noDefaultInfinity: true })
    .map((x) => (/[.e]/.test(String(x)) ? String(x) : `${x}.0`)),
);

/** Expressions, some of which are no literals. */
const expression: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => {
  const items = fc.array(tie("value"), { maxLength: 3 });
  return {
    value: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      number,
      text,
      fc.constantFrom("None", "True", "False"),
      number.map((n) => `-${n}`),
      fc.constantFrom(
        "+1",
        "- 2",
        "--1",
        "-(3)",
        "not 1",
        "x",
        "f(1)",
        "1 + 2",
        "f'{x}'",
        "-True",
        "[*a]",
        "lambda: 1",
        "a if b else c",
        "1 == 2",
        "{**a}",
        "dict(a=1)",
      ),
      items.map((all) => `[${all.join(", ")}]`),
      items.map((all) => `[\n  ${all.join(",\n  ")}  # why\n]`),
      items.map((all) => `(${all.join(", ")}${all.length > 0 ? "," : ""})`),
      tie("value").map((one) => `(${one})`),
      fc
        .array(fc.tuple(text, tie("value")), { maxLength: 3 })
        .map((pairs) => `{${pairs.map(([k, v]) => `${k}: ${v}`).join(", ")}}`),
    ),
  };
}).value;

const assignment = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(word, expression).map(([name, value]) => `${name} = ${value}`) },
  fc.tuple(word, expression).map(([name, value]) => `${name}: dict[str, int] = ${value}`),
  fc.tuple(word, expression).map(([name, value]) => `self.${name} = ${value}`),
  fc.tuple(word, expression, expression).map(([name, a, b]) => `${name} = ${a}, ${b}`),
  fc.tuple(word, number, word).map(([name, value, other]) => `${name} = ${value}; ${other} = 2`),
  fc.constantFrom(
    "import os",
    "a = b = 3",
    "a, b = 1, 2",
    "x[0] = 1",
    "o.a = 1",
    "self.a.b = 1",
    "a += 1",
    "a: int",
    "print('a = 1')",
    "# a = 5",
    "",
    "a == 1",
    "pass",
  ),
);

function indented(lines: readonly string[], by: string): string {
  return lines.map((line) => `${by}${line}`).join("\n");
}

const body = (statement: fc.Arbitrary<string>) =>
  fc.array(statement, { minLength: 1, maxLength: 3 });
const method = fc
  .tuple(fc.constantFrom("__init__", "other"), body(assignment))
  .map(
    ([name, lines]) =>
      `def ${name}(self, a={1: 2}, *, b: int = 3) -> None:\n${indented(["pass", ...lines], "        ")}`,
  );
const statement = fc.oneof(
  { weight: 5, arbitrary: assignment },
  fc
    .tuple(word, body(fc.oneof(assignment, method)))
    .map(([name, lines]) => `class ${name}(Base, key=1):\n${indented(["pass", ...lines], "    ")}`),
  fc
    .tuple(
      fc.constantFrom(
        "if a:",
        "for a in b:",
        "with f() as a:",
        "def f(a):",
        "async def f():",
        "while x:",
      ),
      body(assignment),
    )
    .map(([head, lines]) => `${head}\n${indented(["pass", ...lines], "\t")}`),
  fc.constantFrom("@wrap\nclass Train: a = 1", "class Train: b = 2; c = 3", "if a: b = 4"),
);

const python = body(statement).map((lines): ParamFile => ["p.py", `${lines.join("\n")}\n`]);

const json = fc
  .dictionary(fc.string({ maxLength: 3 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 })
  .chain((tree) =>
    fc.constantFrom(
      JSON.stringify(tree),
      JSON.stringify(tree, null, "\t"),
      `{"n": NaN, "i": [-Infinity, 1.0, -0, 1E3, 12345678901234567890], "t": ${JSON.stringify(tree)}}`,
    ),
  )
  .map((content): ParamFile => ["p.json", content]);

const tomlLeaf = fc.oneof(
  fc.constantFrom(
    "1",
    "1.0",
    "-7",
    "1_000",
    "0x1f",
    "1e5",
    "inf",
    "true",
    "'lit'",
    '"a\\u00e9"',
    '"""\nlong"""',
    "12345678901234567890",
  ),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((x) => (/[.e]/.test(String(x)) ? String(x) : `${x}.0`)),
);
const toml = fc
  .tuple(
    fc.dictionary(fc.constantFrom("a", "b", "c"), tomlLeaf, { minKeys: 1 }),
    fc.array(tomlLeaf, { maxLength: 3 }),
  )
  .map(([tree, list]): ParamFile => {
    const pairs = Object.entries(tree)
      .map(([key, value]) => `${key} = ${value}`)
      .join("\n");
    return [
      "p.toml",
      `${pairs}\nlist = [${list.join(", ")}]\nin = {x.y = 1}\n[t."u.v"]\n${pairs}\n[[many]]\n${pairs}\n[[many]]\n`,
    ];
  });

const yamlPlain = fc.constantFrom(
  "yes",
  "on",
  "010",
  "0o14",
  "0x1f",
  "1_000",
  "1e5",
  "1.",
  ".5",
  "-.inf",
  "~",
  "",
  "TRUE",
  "'1'",
  '"a\\nb"',
  "x y",
  "a#b",
  "1.2.3",
  "[1, {a: b}]",
  "{a: [x, 1.0]}",
  "12:30",
  "<x",
  "0b11",
  "1e-5",
  "+1",
  "._1",
);
const yaml = fc
  .dictionary(
    fc.constantFrom("a", "b c", "1", "true", "d.e"),
    fc.oneof(yamlPlain, fc.array(yamlPlain, { maxLength: 3 })),
    { minKeys: 1 },
  )
  .map(
    (tree): ParamFile => [
      "p.yaml",
      Object.entries(tree)
        .map(([key, value]) =>
          Array.isArray(value)
            ? `${key}:\n${value.map((item) => `  - ${item}\n`).join("")}`
            : `${key}: ${value}\n`,
        )
        .join(""),
    ],
  );

/** Random files of parameters, some of which cannot be read. */
export const paramFile: fc.Arbitrary<ParamFile> = fc.oneof(
  { weight: 4, arbitrary: python },
  json,
  toml,
  yaml,
);
