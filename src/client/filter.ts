import type { Int64 } from "./fields.ts";
import { quoteKey, quoteList, quoteNumber, quoteText, quoteTime } from "./quote.ts";
import {
  type AttributeOf,
  type Attributes,
  attributeOf,
  type SearchTarget,
} from "./search-fields.ts";

/** Exists in types only: which searches take a filter, so that a filter for more of them is one for fewer. */
declare const TARGETS: unique symbol;

/** A condition of a search. `T` names the searches that know it. */
export type Filter<T extends SearchTarget> = Readonly<{
  [TARGETS]?: (target: T) => void;
  /** Both this and the other: what both kinds of search know. MLflow's language has no "or". */
  and<U extends SearchTarget>(other: Filter<U>): Filter<T & U>;
  /** In MLflow's language. */
  toString(): string;
}>;

/** Comparisons of a number. */
export type NumberField<T extends SearchTarget, V = Int64> = Readonly<
  Record<"eq" | "ne" | "gt" | "gte" | "lt" | "lte", (value: V) => Filter<T>>
>;

/** Comparisons of a text; in `like` and `ilike` (upper and lower case alike) `%` and `_` stand for any. */
export type TextField<T extends SearchTarget> = Readonly<
  Record<"eq" | "ne" | "like" | "ilike", (value: string) => Filter<T>>
>;

/** Comparisons with several texts at once. */
export type ListedField<T extends SearchTarget> = Readonly<
  Record<"in" | "notIn", (values: readonly string[]) => Filter<T>>
>;

/** Whether there is a value. Other comparisons never match what has no value. */
export type NullableField<T extends SearchTarget> = Readonly<
  Record<"isNull" | "isNotNull", () => Filter<T>>
>;

/** The comparisons of one attribute. */
export type AttributeField<T extends SearchTarget, K extends string> = K extends keyof Attributes[T]
  ? Attributes[T][K] extends { readonly type: infer Type }
    ? Type extends "time"
      ? NumberField<T, Date | Int64>
      : Type extends "whole"
        ? NumberField<T>
        : Type extends "listed"
          ? TextField<T> & ListedField<T>
          : TextField<T>
    : never
  : never;

/**
 * Builds filters that cannot be misspelt: values are quoted, or refused where the language has no way
 * to write them, and a filter for runs is no filter for models.
 *
 * @example
 * filter.metric("auc").gt(0.9).and(filter.param("model").eq("gbm"));
 * filter.run("status").eq("FINISHED").and(filter.run("startTime").gte(new Date("2026-01-01")));
 */
export const filter = {
  /** The latest value of a metric. */
  metric: (key: string): NumberField<"runs" | "loggedModels", number> =>
    numberField(`metrics.${quoteKey(key, "metric")}`, quoteNumber),
  /** A param. */
  param: (
    key: string,
  ): TextField<"runs" | "loggedModels"> & NullableField<"runs"> & ListedField<"loggedModels"> =>
    textField(`params.${quoteKey(key, "param")}`),
  /** A tag. */
  tag: (
    key: string,
  ): TextField<SearchTarget> &
    NullableField<"runs" | "experiments"> &
    ListedField<"loggedModels"> => textField(`tags.${quoteKey(key, "tag")}`),
  /** A dataset that a run used. */
  dataset: (attribute: "name" | "digest" | "context"): TextField<"runs"> & ListedField<"runs"> =>
    textField(`datasets.${attribute}`),
  /** An attribute of runs. */
  run: <K extends AttributeOf<"runs", "filter">>(name: K) => attribute("runs", name),
  /** An attribute of experiments. */
  experiment: <K extends AttributeOf<"experiments", "filter">>(name: K) =>
    attribute("experiments", name),
  /** An attribute of registered models. */
  registeredModel: <K extends AttributeOf<"registeredModels", "filter">>(name: K) =>
    attribute("registeredModels", name),
  /** An attribute of model versions. */
  modelVersion: <K extends AttributeOf<"modelVersions", "filter">>(name: K) =>
    attribute("modelVersions", name),
  /** An attribute of logged models. */
  loggedModel: <K extends AttributeOf<"loggedModels", "filter">>(name: K) =>
    attribute("loggedModels", name),
} as const;

function condition<T extends SearchTarget>(text: string): Filter<T> {
  return {
    and: (other) => condition(`${text} AND ${other.toString()}`),
    toString: () => text,
  };
}

function numberField<T extends SearchTarget, V>(
  field: string,
  quote: (value: V, subject: string) => string,
): NumberField<T, V> {
  const compare = (operator: string) => (value: V) =>
    condition<T>(`${field} ${operator} ${quote(value, field)}`);
  return {
    eq: compare("="),
    ne: compare("!="),
    gt: compare(">"),
    gte: compare(">="),
    lt: compare("<"),
    lte: compare("<="),
  };
}

type AnyTextField<
  T extends SearchTarget,
  L extends SearchTarget,
  N extends SearchTarget,
> = TextField<T> & ListedField<L> & NullableField<N>;

/** All that can be done with a text; the types say what is known where. */
function textField<T extends SearchTarget, L extends SearchTarget, N extends SearchTarget>(
  field: string,
): AnyTextField<T, L, N> {
  const compare = (operator: string) => (value: string) =>
    condition<T>(`${field} ${operator} ${quoteText(value, field)}`);
  return {
    eq: compare("="),
    ne: compare("!="),
    like: compare("LIKE"),
    ilike: compare("ILIKE"),
    in: (values) => condition(`${field} IN ${quoteList(values, field)}`),
    notIn: (values) => condition(`${field} NOT IN ${quoteList(values, field)}`),
    isNull: () => condition(`${field} IS NULL`),
    isNotNull: () => condition(`${field} IS NOT NULL`),
  };
}

function attribute<T extends SearchTarget, K extends string>(
  target: T,
  name: K,
): AttributeField<T, K> {
  const { wire, type } = attributeOf(target, name);
  const field: unknown =
    type === "time"
      ? numberField<T, Date | Int64>(wire, quoteTime)
      : type === "whole"
        ? numberField<T, Int64>(wire, quoteNumber)
        : textField<T, T, never>(wire);
  return field as AttributeField<T, K>; // the same table says the type and makes the value
}
