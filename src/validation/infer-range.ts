import type { Check } from "./contract.ts";
import { DEFAULT_OPTIONS } from "./contract.ts";

/** Numbers get room on both sides: this share of the range that was seen, or of a lone value. */
const MARGIN = 0.1;

/** A range around what was seen, rounded outwards: `10` to `98` for 18 to 90, `17.3` and not `17.299999999999997`. */
export function inferRange(low: bigint | number, high: bigint | number): readonly Check[] {
  const bounds =
    typeof low === "bigint" && typeof high === "bigint"
      ? integerBounds(low, high)
      : floatBounds(Number(low), Number(high));
  if (bounds === null) return [];
  const [min_value, max_value] = bounds;
  const statistics = { min_value, max_value, include_min: true, include_max: true };
  return [{ name: "in_range", statistics, options: DEFAULT_OPTIONS }];
}

function integerBounds(low: bigint, high: bigint): readonly [bigint, bigint] | null {
  const size = low === high ? abs(low) : high - low;
  if (size === 0n) return null;
  const room = (size + 9n) / 10n;
  // two digits of the room are kept: 123457 asks for tens of thousands
  const step = 10n ** BigInt(Math.max(0, String(room).length - 2));
  const bottom = floorTo(low - room, step);
  return [low >= 0n && bottom < 0n ? 0n : bottom, -floorTo(-(high + room), step)];
}

function floorTo(value: bigint, step: bigint): bigint {
  const rest = value % step;
  return value - rest - (rest < 0n ? step : 0n);
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function floatBounds(low: number, high: number): readonly [number, number] | null {
  const room = (low === high ? Math.abs(low) : high - low) * MARGIN;
  if (room === 0 || !Number.isFinite(low - room) || !Number.isFinite(high + room)) return null;
  const bottom = Math.min(low, round(low - room, room, Math.floor));
  // what was never negative stays so
  return [
    low >= 0 ? Math.max(0, bottom) : bottom,
    Math.max(high, round(high + room, room, Math.ceil)),
  ];
}

/** To two digits of the room. */
function round(value: number, room: number, direction: (x: number) => number): number {
  const decimals = 1 - Math.floor(Math.log10(room));
  if (Math.abs(decimals) > 15) return value;
  const scale = 10 ** Math.abs(decimals);
  const rounded =
    decimals >= 0 ? direction(value * scale) / scale : direction(value / scale) * scale;
  return Number.isFinite(rounded) ? rounded : value;
}
