/** Query parameters and headers whose value is a secret, whoever wrote it; without case, - and _. */
const SECRET_NAMES: ReadonlySet<string> = new Set([
  ...["authorization", "proxyauthorization", "auth", "cookie", "password", "passwd", "secret"],
  ...["token", "accesstoken", "authtoken", "refreshtoken", "idtoken", "privatetoken", "jobtoken"],
  ...["apikey", "xapikey", "apitoken", "accesskey", "subscriptionkey", "clientsecret", "key"],
  ...["xauthtoken", "xapitoken", "ocpapimsubscriptionkey", "sessionid", "sig", "signature"],
  ...["xamzsignature", "xamzsecuritytoken", "xamzcredential", "xgoogsignature", "xgoogcredential"],
]);

/** Whether a parameter or header of this name carries a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAMES.has(name.toLowerCase().replaceAll(/[-_]/g, ""));
}

/**
 * An address as records, messages and logs show it: no user info, no fragment, and `***` for what has
 * the name of a secret or is one of `secretNames`.
 */
export function redactUrl(url: URL, secretNames: Iterable<string> = []): string {
  const secrets = new Set(secretNames);
  const shown = new URL(url);
  shown.username = "";
  shown.password = "";
  shown.hash = "";
  for (const name of new Set(shown.searchParams.keys())) {
    if (secrets.has(name) || isSecretName(name)) shown.searchParams.set(name, "***");
  }
  return shown.href;
}

export function hasSecretQuery(url: URL): boolean {
  return [...url.searchParams.keys()].some(isSecretName);
}

/** http:// or https://, and nothing in it that is not sent or that is a secret. */
export function isPlainAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return isHttp(url) && url.username === "" && url.password === "" && !text.includes("#");
}

export function isHttp(url: URL): boolean {
  return url.protocol === "http:" || url.protocol === "https:";
}

/** The same server: host and port, or http on its usual port raised to https on its own. */
export function isSameHost(a: URL, b: URL): boolean {
  return a.host === b.host || (a.hostname === b.hostname && a.port === "" && b.port === "");
}
