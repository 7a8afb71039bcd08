import type { ConnectionTarget } from "../core/connection-url.ts";

/** What to do about a connection that failed for its TLS; undefined when TLS was not the reason. */
export function tlsHint(
  { sslMode, sslRootCert, host }: ConnectionTarget,
  error: unknown,
): string | undefined {
  if (error instanceof Error && error.message.includes("does not support SSL")) {
    return `turn TLS on at the server (ssl = on), or set sslmode=disable where the network is trusted: sslmode=${sslMode} asks for TLS`;
  }
  const code = (error as { code?: string } | null)?.code ?? "";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return `use the name that the certificate is for instead of ${host}, or sslmode=verify-ca, which does not look at the name`;
  }
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return "renew the certificate of the server, or set the clock of this machine";
  }
  if (!UNTRUSTED.test(code)) return undefined;
  return sslRootCert === undefined || sslRootCert === "system"
    ? "set sslrootcert=FILE to the certificate of the authority that signed the server's"
    : `check that ${sslRootCert} is the certificate of the authority that signed the server's`;
}

/** OpenSSL's names for a chain that ends at nobody we trust. */
const UNTRUSTED =
  /^(UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|CERT_UNTRUSTED|CERT_SIGNATURE|CERT_CHAIN|INVALID_CA)/;
