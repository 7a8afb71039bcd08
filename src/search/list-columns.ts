import type { ListEntity } from "./catalogue-grammars.ts";
import type { Order } from "./clause.ts";
import type { Column, Sql } from "./condition.ts";

/** How the sources of lists say what their fields are, and in which order their rows come. */
export const asc = (key: string): Order<ListEntity> => ({
  entity: "attribute",
  key,
  direction: "asc",
});
export const desc = (key: string): Order<ListEntity> => ({ ...asc(key), direction: "desc" });
export const text = (column: Sql) => ({ sql: column, type: "text" }) as const;
export const whole = (column: Sql) => ({ sql: column, type: "whole" }) as const;
export const number = (column: Sql) => ({ sql: column, type: "number" }) as const;
export const time = (column: Sql) => ({ sql: column, type: "time" }) as const;
export const orNull = (column: Column): Column => ({ ...column, mayBeNull: true });
