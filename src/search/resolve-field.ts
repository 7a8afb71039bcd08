import { DuetMindError } from "../core/errors.ts";
import { nearestName } from "../core/nearest.ts";
import type { Field, Grammar } from "./grammar.ts";

export type ResolvedField<E extends string> = Readonly<{ entity: E; key: string; field: Field }>;

/** The field that an identifier means; what the grammar does not know is refused with what it knows. */
export function resolveField<E extends string>(
  grammar: Grammar<E>,
  prefix: string | undefined,
  key: string,
): ResolvedField<E> {
  const entity = prefix === undefined ? grammar.bare : entityOf(grammar, prefix);
  const { keys, field } = grammar.entities[entity];
  const name = keys === "any" ? key : keys.get(key);
  if (name !== undefined) return { entity, key: name, field: field(name) };
  const known = [...(keys as ReadonlyMap<string, string>).keys()];
  const near = nearestName(shown(key), known);
  throw new DuetMindError(
    "BAD_INPUT",
    `Invalid attribute key '${shown(key)}' specified: expected one of ${known.join(", ")}`,
    near === undefined ? {} : { hint: `write "${near}" instead of "${shown(key)}"` },
  );
}

function entityOf<E extends string>(grammar: Grammar<E>, prefix: string): E {
  const entities = Object.entries(grammar.entities) as [E, Grammar<E>["entities"][E]][];
  const found = entities.find(([, { prefixes }]) => prefixes.includes(prefix));
  if (found !== undefined) return found[0];
  const known = entities.flatMap(([, { prefixes }]) => prefixes);
  throw new DuetMindError(
    "BAD_INPUT",
    `Invalid entity type '${shown(prefix)}' in a search of ${grammar.subject}: expected one of ${known.join(", ")}`,
  );
}

/** A name may be as long as the filter; a message need not be. */
function shown(name: string): string {
  return name.length > 100 ? `${name.slice(0, 100)}…` : name;
}
