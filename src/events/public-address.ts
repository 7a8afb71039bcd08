import { BlockList, isIP } from "node:net";

/** Networks of the registries of special-purpose addresses that no public host has (RFC 6890). */
const NOT_PUBLIC = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
  // of what IPv6 has given out: protocols and tunnels, examples, addresses that hold an IPv4 address
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "3fff::/20",
];
const GIVEN_OUT = ["2000::/3"];

const notPublic = blockList(NOT_PUBLIC);
const givenOut = blockList(GIVEN_OUT);

/** Whether an IP address is one that the whole internet can reach, and so nobody's own network. */
export function isPublicAddress(address: string): boolean {
  const plain = address.replace(/%.*$/, "");
  if (isIP(plain) === 4) return !notPublic.check(plain, "ipv4");
  // an IPv4 address in IPv6 clothes (::ffff:10.0.0.1) is outside 2000::/3, and refused with the rest
  return isIP(plain) === 6 && givenOut.check(plain, "ipv6") && !notPublic.check(plain, "ipv6");
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix = ""] = network.split("/");
    list.addSubnet(address, Number(prefix), isIP(address) === 4 ? "ipv4" : "ipv6");
  }
  return list;
}
