/**
 * What may be searched: entities, their keys and the operators of each. One value of this type for each
 * search; the parsers read it, so a key that is not in it never comes near the database.
 */
export type Comparison = "=" | "!=" | ">" | ">=" | "<" | "<=";
export type Operator = Comparison | "LIKE" | "ILIKE" | "IN" | "NOT IN" | "IS NULL" | "IS NOT NULL";

/**
 * `whole` is a number without a fraction, and `id` one that may also be written in quotes; `code` is a
 * text that may also be written without them, as a number.
 */
export type ValueType = "number" | "whole" | "id" | "text" | "code";

export type Field = Readonly<{
  type: ValueType;
  operators: readonly Operator[];
  sortable: boolean;
}>;

export type Entity = Readonly<{
  /** What stands before the dot, in every spelling; the first one is shown in messages. */
  prefixes: readonly string[];
  /** Any key, or the known ones: each spelling leads to the one name that the query knows. */
  keys: "any" | ReadonlyMap<string, string>;
  /** The field of a known key; where any key goes, of all. */
  field(name: string): Field;
}>;

export type Grammar<E extends string = string> = Readonly<{
  /** What is searched, in the plural, for messages. */
  subject: string;
  entities: Readonly<Record<E, Entity>>;
  /** The entity of a key that has no prefix. */
  bare: E;
  /** MLflow refuses a second order by one field in some searches and passes over it in others. */
  repeatedOrder: "refused" | "ignored";
}>;

/** An entity whose keys are the user's own, such as params. */
export function anyKey(prefixes: readonly string[], field: Field): Entity {
  return { prefixes, keys: "any", field: () => field };
}

/** An entity with known keys, each with the other spellings that lead to it. */
export function knownKeys(
  prefixes: readonly string[],
  fields: Readonly<Record<string, Field & Readonly<{ aliases?: readonly string[] }>>>,
): Entity {
  const keys = new Map<string, string>();
  for (const [name, { aliases = [] }] of Object.entries(fields)) {
    for (const spelling of [name, ...aliases]) keys.set(spelling, name);
  }
  return { prefixes, keys, field: (name) => fields[name]! };
}

export const COMPARISONS: readonly Comparison[] = ["=", "!=", ">", ">=", "<", "<="];
export const LIKES: readonly Operator[] = ["=", "!=", "LIKE", "ILIKE"];
export const LISTS: readonly Operator[] = ["IN", "NOT IN"];
export const NULLS: readonly Operator[] = ["IS NULL", "IS NOT NULL"];

export function textField(...operators: readonly Operator[]): Field {
  return { type: "text", operators, sortable: true };
}

export const numberField: Field = { type: "number", operators: COMPARISONS, sortable: true };
