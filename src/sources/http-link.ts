/** A target in angle brackets, then its parameters, whose quoted values may hold commas. */
const LINK = /<([^>]*)>((?:\s*;\s*[^\s=;,]+(?:\s*=\s*(?:"[^"]*"|[^\s;,"]*))?)*)/g;
const PARAMETER = /;\s*([^\s=;,]+)(?:\s*=\s*(?:"([^"]*)"|([^\s;,"]*)))?/g;

/**
 * The target of `rel=next` in a Link header (RFC 8288), or undefined.
 *
 *     nextLink('</v1/items?page=2>; rel="next", </v1/items?page=9>; rel="last"')  // /v1/items?page=2
 */
export function nextLink(header: string | undefined): string | undefined {
  for (const [, target, parameters] of (header ?? "").matchAll(LINK)) {
    for (const [, name, quoted, bare] of parameters!.matchAll(PARAMETER)) {
      const relations = (quoted ?? bare ?? "").toLowerCase().split(/\s+/);
      if (name!.toLowerCase() === "rel" && relations.includes("next")) return target;
    }
  }
  return undefined;
}
