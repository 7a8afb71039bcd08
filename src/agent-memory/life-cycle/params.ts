import { z } from "zod";

const DAY_MS = 86_400_000;

/** params.yaml: `memory.life_cycle`. */
export const lifeCycleParams = z.strictObject({
  /** After how many days without access half of the importance is gone; `other` for types unnamed. */
  half_life_days: z
    .strictObject({
      reasoning: z.number().positive().default(30),
      experience: z.number().positive().default(90),
      knowledge: z.number().positive().default(365),
      other: z.number().positive().default(90),
    })
    .prefault({}),
  /** The share of its importance that a memory keeps however old it gets. */
  floor: z.number().min(0).max(1).default(0.2),
  /** The share of what is missing to 1 that access can make up for, at most. */
  reinforcement: z.number().min(0).max(1).default(0.3),
  /** Least cosine of two memories that consolidation takes as one. */
  consolidate_above: z.number().min(0.5).max(1).default(0.95),
});

export type LifeCycleParams = Readonly<z.infer<typeof lifeCycleParams>>;

/** The half-life of a type of memory, in milliseconds. */
export function halfLifeMs(memoryType: string, { half_life_days: days }: LifeCycleParams): number {
  const known = memoryType !== "other" && Object.hasOwn(days, memoryType);
  return (known ? days[memoryType as keyof typeof days] : days.other) * DAY_MS;
}
