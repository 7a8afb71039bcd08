import type { FastifyReply, FastifyRequest } from "fastify";
import type { Scope } from "../../access/scope.ts";
import type { Caller } from "../caller.ts";
import type { Services } from "../services.ts";
import { type Field, fromQuery } from "./message.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

type Fields = Readonly<Record<string, Field<unknown>>>;

/** One call of MLflow's API: takes its message and gives the reply's JSON. */
export type MlflowRoute = Readonly<{
  method: Method;
  /** Below `/api/2.0/mlflow` and `/ajax-api/2.0/mlflow`, such as `/experiments/create`. */
  path: string;
  version?: "2.0" | "3.0";
  /** Only under `/ajax-api`: what the web UI alone calls. */
  ajaxOnly?: boolean;
  /** Outside of the API: the path as it stands. */
  atRoot?: boolean;
  scope: Scope;
  /** Whose body is not JSON, and is left to the handler as a stream. */
  streams?: boolean;
  /** The fields of its message, where it has one. */
  fields?: Fields;
  handle(request: MlflowRequest, services: Services): Promise<unknown>;
}>;

export type MlflowRequest = Readonly<{
  caller: Caller;
  /** Fields of the body, of the query where the call is a GET, and of the path. */
  fields: Readonly<Record<string, unknown>>;
  raw: FastifyRequest;
  reply: FastifyReply;
}>;

type MessageField<T> = Field<T> & { readonly fields: Fields };

/** A call whose message is known: the usual way to write a route. */
export function call<T>(
  route: Omit<MlflowRoute, "handle">,
  request: MessageField<T>,
  handle: (message: T, services: Services, caller: Caller) => Promise<unknown>,
): MlflowRoute {
  return {
    ...route,
    fields: request.fields,
    handle: ({ fields, caller, raw }, services) => {
      const given =
        route.method === "GET"
          ? fromQuery(fields as Readonly<Record<string, string>>, request.fields)
          : fields;
      return handle(request.read({ ...given, ...(raw.params as object) }, ""), services, caller);
    },
  };
}

/** The message in the query and path of a request, for a call that answers with something else than JSON. */
export function fieldsOfQuery<T>(raw: FastifyRequest, request: MessageField<T>): T {
  const query = fromQuery(raw.query as Readonly<Record<string, string>>, request.fields);
  return request.read({ ...query, ...(raw.params as object) }, "");
}
