import type { SearchedPlace } from "./searched-place.ts";

/** Whether places held few memories when they were searched last: a guess of what they hold now. */
export type PlaceSizes = Readonly<{
  heldFew(place: SearchedPlace): boolean | undefined;
  remember(place: SearchedPlace, heldFew: boolean): void;
}>;

/** Forgets all of them where there are too many to keep. */
export function createPlaceSizes(): PlaceSizes {
  const sizes = new Map<string, boolean>();
  return {
    heldFew: (place) => sizes.get(nameOf(place)),
    remember(place, heldFew) {
      if (sizes.size >= MOST) sizes.clear();
      sizes.set(nameOf(place), heldFew);
    },
  };
}

const MOST = 10_000;

function nameOf({ identity: { tenant, agent, reach }, sessionId }: SearchedPlace): string {
  return JSON.stringify([tenant, reach === "tenant" ? null : agent, sessionId]);
}
