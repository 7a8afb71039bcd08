import { posix } from "node:path";

/** What browsers may show as text, with the names MLflow gives its own files. */
const TEXT_SUFFIXES = new Set([
  ...[
    ".cf",
    ".cfg",
    ".cnf",
    ".conf",
    ".csv",
    ".err",
    ".hocon",
    ".ini",
    ".ipynb",
    ".js",
    ".json",
    ".log",
  ],
  ...[".md", ".prop", ".properties", ".py", ".py3", ".rst", ".toml", ".tsv", ".txt", ".xml"],
  ...[".yaml", ".yml"],
]);
const TEXT_NAMES = new Set(["MLmodel", "MLproject", "mlproject"]);

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".htm": "text/html",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ".svg": "image/svg+xml",
  ".bmp": "image/bmp",
  ".ico": "image/vnd.microsoft.icon",
  ".tif": "image/tiff",
  ".tiff": "image/tiff",
  ".pdf": "application/pdf",
};

/** The media type of a file by its name. */
export function contentTypeOf(path: string): string {
  const name = posix.basename(path);
  const suffix = posix.extname(name).toLowerCase();
  if (TEXT_NAMES.has(name) || TEXT_SUFFIXES.has(suffix)) return "text/plain";
  return TYPES[suffix] ?? "application/octet-stream";
}

/** Saves under the file's own name; one that is not ASCII comes as RFC 5987 writes it, too. */
export function contentDispositionOf(path: string): string {
  const name = posix.basename(path);
  const ascii = name.normalize("NFKD").replace(/[^\x20-\x7e]/g, "");
  const isToken = /^[\w!#$&+\-.^`|~]+$/.test(ascii);
  const plain = `attachment; filename=${isToken ? ascii : `"${ascii.replace(/["\\]/g, "\\$&")}"`}`;
  if (ascii === name) return plain;
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${plain}; filename*=UTF-8''${encoded}`;
}
