/** An integer of 64 bits: a bigint where a number could not hold it exactly. */
export type Int64 = number | bigint;
