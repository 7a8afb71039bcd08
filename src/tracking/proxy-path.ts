/**
 * The path that a URI names in the artifact proxy, without slashes at its ends; undefined for any other
 * URI. The proxy's own address means the same: a server may be told to give experiments that one.
 */
export function proxyPath(uri: string): string | undefined {
  return PROXY.exec(uri)?.[1];
}

const PROXY =
  /^(?:mlflow-artifacts:(?:\/\/[^/]*)?|https?:\/\/[^?#]+?\/(?:ajax-)?api\/2\.0\/mlflow-artifacts\/artifacts(?=\/|$))\/*(.*?)\/*$/is;
