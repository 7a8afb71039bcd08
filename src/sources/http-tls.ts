import { createPrivateKey, X509Certificate } from "node:crypto";
import { resolve } from "node:path";
import { rootCertificates } from "node:tls";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import type { HttpParams } from "./http-params.ts";

/** What TLS takes from files, in PEM. */
export type TlsFiles = Readonly<{
  /** The known authorities and those of the file; without it the choice is Node's. */
  trust: Readonly<{ ca?: string[] }>;
  /** Who we are, for the host of the source alone. */
  identity: Readonly<{ cert?: string; key?: string; passphrase?: string }>;
}>;

/** Reads the files and looks that they hold what they should: TLS itself passes over much. */
export async function readTls(
  { tls = {} }: HttpParams,
  passphrase: string | undefined,
  root: string,
  effects: Effects,
): Promise<TlsFiles> {
  const read = async (path: string) =>
    new TextDecoder().decode(await effects.files.readBytes(resolve(root, path)));
  const certificatesOf = async (path: string) => {
    const pem = await read(path);
    return { pem, first: parsePem(path, "certificates in PEM", () => new X509Certificate(pem)) };
  };
  const ca = tls.ca === undefined ? undefined : await certificatesOf(tls.ca);
  const trust = ca === undefined ? {} : { ca: [...rootCertificates, ca.pem] };
  if (tls.cert === undefined || tls.key === undefined) return { trust, identity: {} };

  const cert = await certificatesOf(tls.cert);
  const pem = await read(tls.key);
  const secret = passphrase === undefined ? {} : { passphrase };
  const wanted = `a private key in PEM${passphrase === undefined ? ", or its passphrase" : " that the passphrase opens"}`;
  const key = parsePem(tls.key, wanted, () => createPrivateKey({ key: pem, ...secret }));
  if (!cert.first.checkPrivateKey(key)) {
    throw unfit(tls.key, `the key of ${tls.cert}`, "another one");
  }
  return { trust, identity: { cert: cert.pem, key: pem, ...secret } };
}

function parsePem<T>(file: string, expected: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw unfit(file, expected, "others", error);
  }
}

function unfit(file: string, expected: string, got: string, cause?: unknown): DuetMindError {
  const message = `${file}: expected ${expected}, got ${got}`;
  return new DuetMindError("BAD_INPUT", message, { file, cause });
}
