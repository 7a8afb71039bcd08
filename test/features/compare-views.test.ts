import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { parseYaml } from "../../src/core/yaml.ts";
import { compareViews } from "../../src/features/compare-views.ts";
import { featureHash, toDefinition } from "../../src/features/feature-hash.ts";
import { parseFeatureView } from "../../src/features/feature-view.ts";
import { parseFeaturesParams } from "../../src/features/params.ts";
import { planFeatures } from "../../src/features/plan-features.ts";
import { runFeatures } from "../../src/pipelines/features-stage.ts";
import { makeProject, VISIT_FEATURES, visits } from "../pipelines/features-project.ts";

const COLUMNS = [
  { name: "age", type: "int64" },
  { name: "site", type: "str" },
  { name: "y", type: "bool" },
];

function hashOf(yaml: string, columns = COLUMNS): string {
  const spec = parseFeaturesParams(parseYaml(yaml, "test"));
  return featureHash(toDefinition(planFeatures(spec, columns)));
}

test("the feature hash does not see key order, defaults written out, or ints with nulls", () => {
  const hash = hashOf("target: y\ntransforms:\n  - {numeric: age, scale: standard, impute: mean}");
  expect(
    hashOf("transforms:\n  - {impute: mean, scale: standard, numeric: [age]}\ntarget: y"),
  ).toBe(hash);
  expect(
    hashOf("target: y\ntransforms: [{numeric: age, scale: standard, impute: mean, log: false}]"),
  ).toBe(hash);
  const withNulls = COLUMNS.map((c) => (c.name === "age" ? { ...c, type: "float64" } : c));
  expect(
    hashOf("target: y\ntransforms: [{numeric: age, scale: standard, impute: mean}]", withNulls),
  ).toBe(hash);
});

test("the feature hash sees every change of the definition", () => {
  const hashes = [
    "[{numeric: age}]",
    "[{numeric: age, impute: mean}]",
    "[{numeric: age, log: 1}]",
    "[{numeric: age, name: years}]",
    "[{numeric: age}, {categorical: site}]",
    "[{categorical: site}, {numeric: age}]",
    "[{categorical: site, encode: ordinal}, {numeric: age}]",
    "[{sql: age * 2, name: age2}]",
    "[{sql: age * 3, name: age2}]",
  ].map((transforms) => hashOf(`{target: y, transforms: ${transforms}}`));
  expect(new Set(hashes).size).toBe(hashes.length);
});

async function viewOf(transforms: readonly unknown[], rows = 600) {
  const features = { ...VISIT_FEATURES, transforms };
  const project = await makeProject({ features }, { visits: visits(rows) });
  return (await runFeatures(project, realEffects)).view;
}

test("a difference is told in words: transform, fitted value, column", async () => {
  const a = await viewOf([{ numeric: "age", scale: "standard" }, { categorical: "site" }]);
  const b = await viewOf([{ numeric: "age", scale: "robust" }, { numeric: "volume" }]);
  const messages = compareViews(a, b).map(({ message }) => message);
  expect(messages).toContain('transform "age": options.scale: "standard" became "robust"');
  expect(messages).toContain('transform "site" was removed');
  expect(messages).toContain('transform "volume" was added');
  expect(messages).toContain('column "site=Oslo" was removed');
  expect(messages.some((m) => /^fitted values of "age": steps\.1\.center: .* became/.test(m))).toBe(
    true,
  );
});

test("other data: fitted values differ and no transform does", async () => {
  const transforms = [{ numeric: "age", impute: "mean" }];
  const [a, b] = [await viewOf(transforms), await viewOf(transforms, 900)];
  const kinds = new Set(compareViews(a, b).map(({ kind }) => kind));
  expect(kinds.has("transform")).toBe(false);
  expect(kinds.has("fitted")).toBe(true);
  expect(compareViews(a, a)).toEqual([]);
});

test("a view survives being written and read", async () => {
  const view = await viewOf(VISIT_FEATURES.transforms);
  expect(parseFeatureView(JSON.parse(JSON.stringify(view)))).toEqual(view);
});

test("a view from elsewhere cannot bring a query with it", async () => {
  const view = await viewOf([{ sql: "score + 1", name: "x" }]);
  const text = JSON.stringify(view).replace(
    "score + 1",
    "(SELECT max(x) FROM read_csv('/etc/passwd'))",
  );
  expect(() => parseFeatureView(JSON.parse(text), "evil.json")).toThrow(
    /evil\.json: inputs\.0\.source\.expression: expected .*SELECT/,
  );
});
