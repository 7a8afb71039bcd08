import { z } from "zod";
import { hasSecretQuery, isPlainAddress, isSecretName } from "./http-url.ts";

// Messages of this page begin with "expected", so that a secret in the wrong place is not shown.

const variable = z
  .string()
  .regex(
    /^[A-Z][A-Z0-9_]*$/,
    "expected the name of an environment variable in capitals, such as API_TOKEN",
  );

const value = z.union(
  [z.string(), z.number(), z.boolean(), z.strictObject({ env: variable })],
  "expected text, a number, a boolean or {env: VARIABLE}",
);

/** Values by name: as they are, or from the environment; what is secret comes from there alone. */
function valuesByName(name: z.ZodString) {
  return z.record(name, value).superRefine((values, context) => {
    for (const [key, given] of Object.entries(values)) {
      if (typeof given === "object" || !isSecretName(key)) continue;
      const message = "expected {env: VARIABLE}, got a value; secrets stay out of params.yaml";
      context.addIssue({ code: "custom", path: [key], message });
    }
  });
}

const headerName = z
  .string()
  .regex(
    /^(?!(host|connection|content-length|transfer-encoding|accept-encoding|if-.*)$)[\w!#$%&'*+.^`|~-]+$/i,
    "expected the name of a header that is not set by DuetMind itself",
  );

const address = z
  .string()
  .refine(
    isPlainAddress,
    "expected an http:// or https:// address without user name, password and #",
  )
  .refine(
    (text) => !isPlainAddress(text) || !hasSecretQuery(new URL(text)),
    "expected no secret in the address; write it as query: {NAME: {env: VARIABLE}}",
  );

const parameter = z.string().min(1);
/** A JSON Pointer or a dotted path. */
const place = z.string();
const size = z.strictObject({ param: parameter, value: z.int().positive() }).optional();

/** How the next page is asked for; each way ends in its own way (docs/connect-your-data.md). */
const pages = z.discriminatedUnion(
  "by",
  [
    z.strictObject({
      by: z.literal("page"),
      param: parameter.default("page"),
      start: z.int().nonnegative().default(1),
      /** Where the document says that there is more: false, null, 0 and "" say no. */
      more: place.optional(),
      size,
    }),
    z.strictObject({
      by: z.literal("offset"),
      param: parameter.default("offset"),
      start: z.int().nonnegative().default(0),
      more: place.optional(),
      size,
    }),
    z.strictObject({
      by: z.literal("cursor"),
      param: parameter,
      /** Where the document holds the cursor of the next page. */
      at: place,
      size,
    }),
    z.strictObject({ by: z.literal("next"), at: place, size }),
    z.strictObject({ by: z.literal("link"), size }),
  ],
  { error: 'expected "page", "offset", "cursor", "next" or "link"' },
);
export type PagesParams = Readonly<z.infer<typeof pages>>;

const file = z.string().min(1);
const milliseconds = z.int().positive().max(86_400_000);

/** An HTTP API, or a file at an address. */
export const httpParams = z.strictObject({
  url: address,
  query: valuesByName(parameter).default({}),
  headers: valuesByName(headerName).default({}),
  auth: z
    .union(
      [
        z.strictObject({ bearer: variable }),
        z.strictObject({ basic: z.strictObject({ user: variable, password: variable }) }),
      ],
      "expected {bearer: VARIABLE} or {basic: {user: VARIABLE, password: VARIABLE}}",
    )
    .optional(),
  /** Where the rows are in a JSON document; without this and `pages` the answer is a file. */
  records: place.optional(),
  pages: pages.optional(),
  /** The query parameter that asks for rows since a watermark. */
  since: z.strictObject({ param: parameter }).optional(),
  retry: z
    .strictObject({
      attempts: z.int().min(1).max(20).default(5),
      base_ms: milliseconds.default(500),
      max_ms: milliseconds.default(60_000),
    })
    .prefault({}),
  timeouts: z
    .strictObject({
      connect_ms: milliseconds.default(10_000),
      /** Without a byte. */
      idle_ms: milliseconds.default(30_000),
      /** Of one request with its answer. */
      total_ms: milliseconds.default(900_000),
    })
    .prefault({}),
  limits: z
    .strictObject({
      page_bytes: z.int().positive().max(268_435_456).default(67_108_864),
      total_bytes: z.int().positive().default(17_179_869_184),
      pages: z.int().positive().default(10_000),
      requests_per_second: z.number().positive().optional(),
    })
    .prefault({}),
  /** PEM files, relative to params.yaml. */
  tls: z
    .strictObject({
      ca: file.optional().describe("authorities to trust beside the known ones"),
      cert: file.optional().describe("client certificate, shown to the host of url alone"),
      key: file.optional().describe("key of the client certificate"),
      passphrase: variable.optional().describe("environment variable with that of the key"),
    })
    .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
      message: "expected cert and key together",
    })
    .optional(),
  /** Other hosts that a redirect or a next page may lead to, as `host` or `host:port`. */
  allow_hosts: z.array(z.string().min(1)).default([]),
});
export type HttpParams = Readonly<z.infer<typeof httpParams>>;
