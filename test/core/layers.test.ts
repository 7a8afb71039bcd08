import { expect, test } from "vitest";
import { leaves, mergeLayers, treeOf } from "../../src/core/layers.ts";

test("a later layer wins value by value and its origin is kept", () => {
  const merged = mergeLayers([
    { origin: "params.yaml", values: { split: { seed: 1, train: 0.7 }, model: { name: "m" } } },
    { origin: ".env", values: { split: { seed: 2 } } },
    { origin: "flag --set", values: { split: { seed: 3 } } },
  ]);
  expect(merged.values).toEqual({ split: { seed: 3, train: 0.7 }, model: { name: "m" } });
  expect([...merged.origins]).toEqual([
    ["split.seed", "flag --set"],
    ["split.train", "params.yaml"],
    ["model.name", "params.yaml"],
  ]);
});

test("a list replaces a list, and a value that replaces a tree forgets its leaves", () => {
  const merged = mergeLayers([
    { origin: "a", values: { x: [1, 2], y: { z: 1 } } },
    { origin: "b", values: { x: [3], y: 5 } },
  ]);
  expect(merged.values).toEqual({ x: [3], y: 5 });
  expect([...merged.origins.keys()].sort()).toEqual(["x", "y"]);
});

test("leaves and treeOf are inverse on one leaf", () => {
  expect(leaves(treeOf("a.b.c", 1))).toEqual([["a.b.c", 1]]);
  expect(leaves({ empty: {}, list: [] })).toEqual([
    ["empty", {}],
    ["list", []],
  ]);
});
