import { quoteKey } from "./quote.ts";
import { type AttributeOf, attributeOf, type SearchTarget } from "./search-fields.ts";

declare const TARGETS: unique symbol;

/** One thing to sort by. `T` names the searches that know it. */
export type Order<T extends SearchTarget> = Readonly<{
  [TARGETS]?: (target: T) => void;
  /** In MLflow's language, without the direction. */
  field: string;
  ascending: boolean;
}>;

/** The two directions; what has no value comes last in both. */
export type Directions<T extends SearchTarget> = Readonly<Record<"asc" | "desc", () => Order<T>>>;

/**
 * Says what a search is sorted by.
 *
 * @example
 * client.runs.search({ orderBy: [orderBy.metric("auc").desc(), orderBy.run("startTime").asc()] });
 */
export const orderBy = {
  /** The latest value of a metric. */
  metric: (key: string) =>
    directions<"runs" | "loggedModels">(`metrics.${quoteKey(key, "metric")}`),
  /** A param, as a text. */
  param: (key: string) => directions<"runs">(`params.${quoteKey(key, "param")}`),
  /** A tag. */
  tag: (key: string) => directions<"runs">(`tags.${quoteKey(key, "tag")}`),
  /** An attribute of runs. */
  run: (name: AttributeOf<"runs", "order">) => attribute("runs", name),
  /** An attribute of experiments. */
  experiment: (name: AttributeOf<"experiments", "order">) => attribute("experiments", name),
  /** An attribute of registered models. */
  registeredModel: (name: AttributeOf<"registeredModels", "order">) =>
    attribute("registeredModels", name),
  /** An attribute of model versions. */
  modelVersion: (name: AttributeOf<"modelVersions", "order">) => attribute("modelVersions", name),
  /** An attribute of logged models. */
  loggedModel: (name: AttributeOf<"loggedModels", "order">) => attribute("loggedModels", name),
} as const;

/** Orders as the searches but that of logged models take them. */
export function toOrderTexts<T extends SearchTarget>(orders: readonly Order<T>[]) {
  return orders.map(({ field, ascending }) => `${field} ${ascending ? "ASC" : "DESC"}`);
}

function directions<T extends SearchTarget>(field: string): Directions<T> {
  return { asc: () => ({ field, ascending: true }), desc: () => ({ field, ascending: false }) };
}

function attribute<T extends SearchTarget>(target: T, name: string): Directions<T> {
  return directions<T>(attributeOf(target, name).wire);
}
