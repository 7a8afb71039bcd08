/**
 * One request of the corpus. `{{name}}` stands for a value of an earlier reply of its group: saved on
 * the real server while recording, and on ours while replaying, since the two number differently.
 */
export type CorpusRequest = Readonly<{
  /** What is asked, unique in its group. */
  name: string;
  method: string;
  /** Path and query as they go over the wire, before variables are filled in. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** Variables and where their values are in the JSON of the reply, such as `run.info.run_id`. */
  save?: Readonly<Record<string, string>>;
  /** What clients match on in the message of an error; the words around it are free. */
  says?: string;
  /** Headers that are part of the answer. */
  keep?: readonly string[];
}>;

export type Group = Readonly<{ name: string; requests: readonly CorpusRequest[] }>;

type Options = Readonly<Partial<Pick<CorpusRequest, "save" | "says" | "keep" | "headers">>>;
type Fields = Readonly<Record<string, unknown>>;

const API = "/api/2.0/mlflow/";

/** Under `/api/2.0/mlflow/`, unless the path says where. */
function full(path: string): string {
  return path.startsWith("/") ? path : `${API}${path}`;
}

export function get(
  name: string,
  path: string,
  fields: Fields = {},
  options: Options = {},
): CorpusRequest {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(fields)) {
    for (const each of Array.isArray(value) ? value : [value]) query.append(key, String(each));
  }
  const text = query.toString();
  return { name, method: "GET", path: full(path) + (text === "" ? "" : `?${text}`), ...options };
}

/** A call with a JSON body; text is sent as it is. */
export function send(
  method: string,
  name: string,
  path: string,
  body: unknown,
  options: Options = {},
): CorpusRequest {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return {
    name,
    method,
    path: full(path),
    headers: { "content-type": "application/json" },
    ...(text === undefined ? {} : { body: text }),
    ...options,
  };
}

export function post(
  name: string,
  path: string,
  body: unknown,
  options: Options = {},
): CorpusRequest {
  return send("POST", name, path, body, options);
}
