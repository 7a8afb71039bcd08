/** A time as every JSON of ours has it: RFC 3339 in UTC, with a fraction only where it is not zero. */
export function toRfc3339(time: Date): string {
  return time.toISOString().replace(".000Z", "Z");
}
