import { DuetMindError } from "../../core/errors.ts";
import { nearestName } from "../../core/nearest.ts";
import { lookUp } from "../values/param-values.ts";
import { pythonText } from "../values/python-text.ts";
import { isValueMap, type Value } from "../values/value.ts";

export type TemplateSource = Readonly<{ values: Value; file: string; subject: string }>;

/** `${a.b}` or `${a[0]}`; with a backslash before it, it is text. */
const EXPRESSION = /(\\?)\$\{([^}]*)\}/g;

/** Puts values of params.yaml into a text, in Python's spelling (`true`, `None`, `0.1`). */
export function resolveText(text: string, source: TemplateSource): string {
  return text.replace(EXPRESSION, (whole: string, backslash: string, expression: string) => {
    if (backslash !== "") return whole.slice(1);
    const inserted = pythonText(evaluate(expression.trim(), source));
    if (inserted !== undefined) return inserted;
    throw fault(
      source,
      `\${${expression}}: expected text, a number or a boolean, got a list or mapping`,
    );
  });
}

/** As resolveText, but a text that is one expression keeps the type of its value. */
export function resolveTyped(text: string, source: TemplateSource): Value {
  const only = /^\$\{([^}]*)\}$/.exec(text);
  return only === null ? resolveText(text, source) : evaluate(only[1]!.trim(), source);
}

function evaluate(expression: string, source: TemplateSource): Value {
  const value = lookUp(source.values, expression.replace(/\[(\d+)\]/g, ".$1"));
  if (value !== undefined) return value;
  const near = isValueMap(source.values)
    ? nearestName(expression, [...source.values.keys()].map(String))
    : undefined;
  throw fault(
    source,
    `\${${expression}}: expected a key of params.yaml, got an unknown one`,
    near === undefined ? undefined : `did you mean \${${near}}?`,
  );
}

function fault(source: TemplateSource, problem: string, hint?: string): DuetMindError {
  return new DuetMindError("DVC_YAML_TEMPLATE", `${source.file}: ${source.subject}: ${problem}`, {
    file: source.file,
    path: source.subject,
    ...(hint === undefined ? {} : { hint }),
  });
}
