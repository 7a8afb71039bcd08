import { DuetMindError } from "../core/errors.ts";
import { fieldName, type Order } from "./clause.ts";
import type { Grammar } from "./grammar.ts";
import { resolveField } from "./resolve-field.ts";
import { type Token, tokenize } from "./tokenize.ts";

/** Each order is a column of the sort, and of MLflow's searches nobody orders by more than a few. */
export const MAX_ORDERS = 20;

/** Parses a list of `identifier [ASC|DESC]`. */
export function parseOrderBy<E extends string>(
  list: readonly string[],
  grammar: Grammar<E>,
): readonly Order<E>[] {
  return distinctOrders(
    list.map((text) => parseOrder(text, grammar)),
    grammar,
  );
}

/** The same field twice is refused, or only its first place counts: as the grammar says. */
export function distinctOrders<E extends string>(
  orders: readonly Order<E>[],
  grammar: Grammar<E>,
): readonly Order<E>[] {
  const first = new Map<string, Order<E>>();
  for (const order of orders) {
    const name = fieldName(order);
    if (!first.has(name)) first.set(name, order);
    else if (grammar.repeatedOrder === "refused") {
      throw new DuetMindError(
        "BAD_INPUT",
        `Invalid order_by: expected each field once, got ${order.entity} "${order.key}" twice`,
      );
    }
  }
  if (first.size > MAX_ORDERS) {
    throw new DuetMindError(
      "BAD_INPUT",
      `Invalid order_by: expected at most ${MAX_ORDERS} fields, got ${first.size}`,
    );
  }
  return [...first.values()];
}

function parseOrder<E extends string>(text: string, grammar: Grammar<E>): Order<E> {
  const [identifier, word, ...rest] = tokenize(text);
  const direction = word === undefined ? "asc" : directionOf(word);
  if (identifier === undefined || !isName(identifier) || direction === undefined || rest.length > 0)
    throw new DuetMindError(
      "BAD_INPUT",
      `Invalid order_by clause '${text.slice(0, 200)}': expected an identifier and ASC or DESC`,
    );
  const { entity, key, field } = resolveField(grammar, identifier.prefix, identifier.text);
  if (field.sortable) return { entity, key, direction };
  throw new DuetMindError(
    "BAD_INPUT",
    `Invalid order_by clause '${text.slice(0, 200)}': expected a field that can be sorted by, got ${entity} "${key}"`,
  );
}

function isName({ kind, text }: Token): boolean {
  return (kind === "word" || kind === "identifier" || kind === "string") && text !== "";
}

function directionOf({ kind, text }: Token): Order["direction"] | undefined {
  const word = kind === "word" ? text.toUpperCase() : "";
  return word === "ASC" ? "asc" : word === "DESC" ? "desc" : undefined;
}
