import { DuetMindError } from "../../core/errors.ts";

/** The sections of one configuration file, in order: title → key → value. */
export type ConfigSections = Map<string, Map<string, string | readonly string[]>>;

/**
 * A configuration file as DVC's writer lays it out: remotes after all other sections, keys indented by
 * four, a value in quotes only where it would be read otherwise.
 *
 *     [core]
 *         remote = storage
 *     ['remote "storage"']
 *         url = ../../storage
 */
export function configText(sections: ConfigSections): string {
  const isRemote = (title: string) => /^(?:remote|machine|db) "/.test(title);
  const others = [...sections].filter(([title, keys]) => !isRemote(title) && keys.size > 0);
  const remotes = [...sections].filter(([title]) => isRemote(title));
  return [...others, ...remotes]
    .map(([title, keys]) => {
      const lines = [...keys].map(
        ([key, value]) => `    ${quoted(key, key)} = ${valueText(value, `${title}: ${key}`)}\n`,
      );
      return `[${quoted(title, title)}]\n${lines.join("")}`;
    })
    .join("");
}

function valueText(value: string | readonly string[], place: string): string {
  if (typeof value === "string") return quoted(value, place);
  if (value.length < 2) return `${value.map((item) => quoted(item, place)).join("")},`;
  return value.map((item) => quoted(item, place)).join(", ");
}

/** A value that may be a secret is not shown. */
function quoted(text: string, place: string): string {
  if (text === "") return '""';
  if (/[\r\n]/.test(text)) throw unwritable(place, "a line break");
  if (!/^[\s'"]|[\s'"]$|[,#]/.test(text)) return text;
  if (!text.includes('"')) return `"${text}"`;
  if (!text.includes("'")) return `'${text}'`;
  throw unwritable(place, "both");
}

function unwritable(place: string, got: string): DuetMindError {
  return new DuetMindError(
    "BAD_INPUT",
    `.dvc/config: ${place}: expected a text of one line with one kind of quotes, got ${got}`,
  );
}
