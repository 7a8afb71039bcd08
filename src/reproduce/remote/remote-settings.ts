import { isS3Address, S3_ADDRESS, toS3Address } from "../../artifacts/s3-address.ts";
import type { S3Encryption } from "../../artifacts/s3-bucket.ts";
import type { S3Connection } from "../../artifacts/s3-connection.ts";
import type { Environment } from "../../core/environment.ts";
import { DuetMindError } from "../../core/errors.ts";
import { nearestName } from "../../core/nearest.ts";
import { type ConfigSection, configText, type DvcConfig } from "../files/dvc-config.ts";

/** A remote of the configuration, ready to be opened. */
export type RemoteSettings = Readonly<{
  name: string;
  /** As messages show it: without credentials. */
  url: string;
  /** How many transfers go on at once, if the configuration says so. */
  jobs: number | null;
  place: FolderPlace | S3Place;
}>;

export type FolderPlace = Readonly<{ kind: "folder"; folder: string }>;

export type S3Place = Readonly<{
  kind: "s3";
  bucket: string;
  /** Empty, or ends with a slash. */
  prefix: string;
  connection: S3Connection;
  encryption: S3Encryption;
  /** The environment with the credentials of the configuration in the place of its own. */
  env: Environment;
}>;

const COMMON = ["url", "jobs", "checksum_jobs", "verify", "version_aware", "worktree"];
const FOLDER = ["type", "protected", "shared", "slow_link_warning", "no_traverse"];
const S3 = [
  ...["region", "profile", "endpointurl", "access_key_id", "secret_access_key", "session_token"],
  ...["use_ssl", "ssl_verify", "allow_anonymous_login", "sse", "sse_kms_key_id", "listobjects"],
  ...["cache_regions", "read_timeout", "connect_timeout", "no_traverse"],
];
/** What DVC knows and this does not do. */
const S3_REFUSED = [
  ...["credentialpath", "configpath", "sse_customer_algorithm", "sse_customer_key", "acl"],
  ...["grant_read", "grant_read_acp", "grant_write_acp", "grant_full_control"],
];

/** The name of the remote to use: the one asked for, or the default one. */
export function chooseRemoteName(config: DvcConfig, asked: string | null): string {
  const name = (asked ?? configText(config, "core", "remote"))?.toLowerCase();
  if (name !== undefined) return name;
  throw new DuetMindError(
    "CONFIG_INVALID",
    "remote: expected -r NAME or a default remote, got neither",
    { path: "core.remote", hint: "set one with: duetmind remote add -d NAME URL" },
  );
}

/** The settings of a remote; refuses one that is not there, or that has what is not known here. */
export function parseRemote(config: DvcConfig, name: string, env: Environment): RemoteSettings {
  const section = config.remotes.get(name);
  if (section === undefined) throw unknownRemote(name, [...config.remotes.keys()]);
  return parseRemoteSection(name, section, env);
}

export function parseRemoteSection(
  name: string,
  section: ConfigSection,
  env: Environment,
): RemoteSettings {
  const remote = readerOf(name, section);
  const url = remote.text("url");
  if (url === undefined) throw remote.fault("url", "the address of the remote", "nothing");
  const scheme = /^(\w+):\/\//.exec(url)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "s3") {
    throw remote.unsupported("url", `a folder or s3://BUCKET/PREFIX, got ${scheme}://`);
  }
  for (const key of ["version_aware", "worktree"]) {
    if (remote.flag(key)) throw remote.unsupported(key, "false, got true");
  }
  const known = [...COMMON, ...(scheme === undefined ? FOLDER : S3)];
  for (const key of section.keys()) {
    if (known.includes(key)) continue;
    if (scheme === "s3" && S3_REFUSED.includes(key)) {
      throw remote.unsupported(key, "an option that works here, got this one");
    }
    throw remote.fault(key, "an option that such a remote has", "an unknown one", known);
  }
  const jobs = remote.count("jobs");
  if (scheme === undefined) return { name, url, jobs, place: { kind: "folder", folder: url } };
  return { name, url, jobs, place: parseS3(url, remote, env) };
}

type Reader = ReturnType<typeof readerOf>;

function readerOf(name: string, section: ConfigSection) {
  const subject = (key: string) => `.dvc/config: remote "${name}": ${key}`;
  const path = (key: string) => `remote.${name}.${key}`;

  /** A secret never gets into a message: the value is not shown. */
  function fault(key: string, expected: string, got: string, near: readonly string[] = []) {
    const nearest = nearestName(key, near);
    const hint = nearest === undefined ? {} : { hint: `did you mean "${nearest}"?` };
    const message = `${subject(key)}: expected ${expected}, got ${got}`;
    return new DuetMindError("CONFIG_INVALID", message, { path: path(key), ...hint });
  }

  function text(key: string): string | undefined {
    const value = section.get(key);
    return value === undefined || typeof value === "string" ? value : value.join(",");
  }

  return {
    fault,
    text,
    unsupported: (key: string, expected: string) =>
      new DuetMindError("NOT_SUPPORTED", `${subject(key)}: expected ${expected}`, {
        path: path(key),
        hint: "DVC can use such a remote; DuetMind uses folders and S3",
      }),
    flag(key: string): boolean | undefined {
      const value = text(key)?.toLowerCase();
      if (value === undefined || value === "true" || value === "false") {
        return value === undefined ? undefined : value === "true";
      }
      throw fault(key, "true or false", "another word");
    },
    count(key: string): number | null {
      const value = text(key);
      if (value === undefined) return null;
      if (!/^[1-9]\d{0,4}$/.test(value)) throw fault(key, "a number from 1", `"${value}"`);
      return Number(value);
    },
  };
}

function parseS3(url: string, remote: Reader, env: Environment): S3Place {
  const address = url.replace(/^\w+/, "s3");
  if (!isS3Address(address) || !S3_ADDRESS.test(address)) {
    throw remote.fault("url", "s3://BUCKET/PREFIX", `"${url}"`);
  }
  const { bucket, key } = toS3Address(address);
  const folder = key.replace(/\/+$/, "");
  const endpoint = remote.text("endpointurl");
  if (endpoint !== undefined && !/^https?:\/\/[^/@?#\s]+[^@?#\s]*$/.test(endpoint)) {
    const expected = "an address such as https://minio.example:9000, without a user or a query";
    throw remote.fault("endpointurl", expected, "another text");
  }
  if (remote.flag("use_ssl") === false && endpoint === undefined) {
    throw remote.unsupported("use_ssl", "true for a remote without endpointurl, got false");
  }
  const trust = parseTrust(remote);
  return {
    kind: "s3",
    bucket,
    prefix: folder === "" ? "" : `${folder}/`,
    connection: {
      endpoint,
      region: remote.text("region"),
      anonymous: remote.flag("allow_anonymous_login"),
      trust,
    },
    encryption: parseEncryption(remote),
    env: withCredentials(remote, env),
  };
}

/** `true`, `false`, or the file of the authorities to trust. */
function parseTrust(remote: Reader): S3Connection["trust"] {
  const value = remote.text("ssl_verify");
  if (value === undefined || value.toLowerCase() === "true") return undefined;
  return value.toLowerCase() === "false" ? "anybody" : { authorities: value };
}

function parseEncryption(remote: Reader): S3Encryption {
  const [sse, key] = [remote.text("sse"), remote.text("sse_kms_key_id")];
  if (sse !== undefined && sse !== "AES256" && sse !== "aws:kms") {
    throw remote.fault("sse", "AES256 or aws:kms", `"${sse}"`);
  }
  return {
    ...(sse === undefined ? {} : { ServerSideEncryption: sse }),
    ...(key === undefined ? {} : { SSEKMSKeyId: key }),
  };
}

function withCredentials(remote: Reader, env: Environment): Environment {
  const [id, secret] = [remote.text("access_key_id"), remote.text("secret_access_key")];
  if ((id === undefined) !== (secret === undefined)) {
    const missing = id === undefined ? "access_key_id" : "secret_access_key";
    throw remote.fault(missing, "both parts of the credentials", "one of them");
  }
  const none = {
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_SESSION_TOKEN: undefined,
  };
  if (id !== undefined) {
    return {
      ...env,
      ...none,
      AWS_ACCESS_KEY_ID: id,
      AWS_SECRET_ACCESS_KEY: secret,
      AWS_SESSION_TOKEN: remote.text("session_token"),
    };
  }
  const profile = remote.text("profile");
  return profile === undefined ? env : { ...env, ...none, AWS_PROFILE: profile };
}

function unknownRemote(name: string, names: readonly string[]): DuetMindError {
  const near = nearestName(name, names);
  const known = names.length === 0 ? "there is none" : `remotes: ${names.join(", ")}`;
  return new DuetMindError(
    "CONFIG_INVALID",
    `remote: expected one of the configuration, got "${name}"`,
    { path: `remote.${name}`, hint: near === undefined ? known : `did you mean "${near}"?` },
  );
}
