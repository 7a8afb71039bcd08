import { expect, test } from "vitest";
import { createRandom, shuffle } from "../../src/core/random.ts";

/**
 * The first words of two streams, from a Python program that follows the published recurrence of
 * xoshiro128** 1.1. For the state (1, 2, 3, 4) that program gives 11520, 0, 5927040, 70819200,
 * 2031721883, the well-known first outputs of the generator.
 */
test("a stream is xoshiro128** from the SHA-256 of its seed and labels", () => {
  const words = (random: { bits(): number }) => Array.from({ length: 8 }, () => random.bits());
  expect(words(createRandom(42))).toEqual([
    1090355304, 4105128522, 584133304, 3361387948, 926110184, 4046154345, 60072318, 2305764502,
  ]);
  expect(words(createRandom(42).split("bootstrap").split(7))).toEqual([
    1452551980, 2364487845, 2596210262, 1159453614, 3617903308, 1032717938, 495474029, 1810836495,
  ]);
});

test("splitting costs no draw, and a number and its text are one seed", () => {
  const plain = createRandom("7");
  const used = createRandom(7);
  used.split("a").bits();
  expect(used.bits()).toBe(plain.bits());
});

test("uniform draws lie in [0, 1) and spread evenly", () => {
  const random = createRandom(1);
  const tenths = new Array<number>(10).fill(0);
  for (let i = 0; i < 20_000; i++) {
    const x = random.uniform();
    expect(x >= 0 && x < 1).toBe(true);
    tenths[Math.floor(x * 10)]!++;
  }
  for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(200);
});

test("integers reach every value below the bound and no other", () => {
  const random = createRandom(2);
  const counts = new Array<number>(7).fill(0);
  for (let i = 0; i < 7000; i++) counts[random.integer(7)]!++;
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  expect(random.integer(1)).toBe(0);
});

test("normal draws have mean 0 and variance 1", () => {
  const random = createRandom(3);
  const draws = Array.from({ length: 20_000 }, () => random.normal());
  const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
  const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length;
  expect(Math.abs(mean)).toBeLessThan(0.03);
  expect(Math.abs(variance - 1)).toBeLessThan(0.04);
});

test("a shuffle keeps every item", () => {
  const items = Array.from({ length: 50 }, (_, i) => i);
  const shuffled = [...items];
  shuffle(shuffled, createRandom(4));
  expect(shuffled).not.toEqual(items);
  expect(shuffled.toSorted((a, b) => a - b)).toEqual(items);
});
