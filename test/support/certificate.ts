import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** A certificate and its key in PEM, made for a test by DER's own rules (RFC 5280). */
export type Certificate = Readonly<{ name: string; cert: string; key: string }>;

type Wanted = Readonly<{
  /** Common name, and with `ip` or `dns` the names it is good for. */
  name: string;
  ip?: string;
  dns?: string;
  notAfter?: string;
  /** Who signs; itself where left out. */
  issuer?: Certificate;
}>;

export function makeCertificate({ name, ip, dns, notAfter, issuer }: Wanted): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const alternatives = [
    ...(ip === undefined ? [] : [der(0x87, Buffer.from(ip.split(".").map(Number)))]),
    ...(dns === undefined ? [] : [der(0x82, Buffer.from(dns))]),
  ];
  const extension =
    alternatives.length === 0
      ? sequence(oid(0x55, 0x1d, 0x13), der(0x01, Buffer.of(0xff)), octets(sequence(TRUE)))
      : sequence(oid(0x55, 0x1d, 0x11), octets(sequence(...alternatives)));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1 + Math.floor(Math.random() * 100))),
    ECDSA_SHA256,
    distinguished(issuer?.name ?? name),
    sequence(time("20000101000000Z"), time(notAfter ?? "20990101000000Z")),
    distinguished(name),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(extension)),
  );
  const signer: KeyObject = issuer === undefined ? privateKey : createPrivateKey(issuer.key);
  const signature = der(0x03, Buffer.concat([Buffer.of(0), sign("sha256", body, signer)]));
  const base64 = sequence(body, ECDSA_SHA256, signature).toString("base64");
  const lines = base64.match(/.{1,64}/g)!.join("\n");
  const cert = `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
  return { name, cert, key: String(privateKey.export({ type: "pkcs8", format: "pem" })) };
}

const TRUE = der(0x01, Buffer.of(0xff));
const ECDSA_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));

function der(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const head =
    length < 128
      ? [tag, length]
      : length < 256
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), content]);
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function octets(content: Uint8Array): Buffer {
  return der(0x04, content);
}

function oid(...bytes: readonly number[]): Buffer {
  return der(0x06, Buffer.from(bytes));
}

function time(generalized: string): Buffer {
  return der(0x18, Buffer.from(generalized));
}

function distinguished(commonName: string): Buffer {
  const attribute = sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(commonName)));
  return sequence(der(0x31, attribute));
}
