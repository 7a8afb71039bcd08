/** Waits for both, then throws the first error: nobody closes the engine under one that still works. */
export async function settleAll<A, B>(works: readonly [Promise<A>, Promise<B>]): Promise<[A, B]> {
  const [a, b] = await Promise.allSettled(works);
  if (a.status === "rejected") throw a.reason;
  if (b.status === "rejected") throw b.reason;
  return [a.value, b.value];
}
