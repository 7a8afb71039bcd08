/** A time that a query asks about. */
export type NamedPeriod =
  | Readonly<{ from: Date; to: Date }>
  /** A month of any year, 0 is January. */
  | Readonly<{ month: number }>;

const DAY_MS = 86_400_000;
const MONTHS = [
  ...["january", "february", "march", "april", "may", "june", "july", "august", "september"],
  ...["october", "november", "december"],
];
const NAME = `(${MONTHS.join("|")})`;
const DAY_FIRST = new RegExp(`\\b(\\d{1,2})(?:st|nd|rd|th)?(?: of)? ${NAME}\\b(?:,? (\\d{4}))?`);
const MONTH_FIRST = new RegExp(`\\b${NAME} (\\d{1,2})(?:st|nd|rd|th)?\\b(?:,? (\\d{4}))?`);
// "may" and "march" are words too: they name a month behind one of these
const MONTH_ALONE = new RegExp(
  `\\b(?:in|of|during|since|until|last|early|late|mid) ${NAME}\\b|\\b${NAME},? (?=\\d{4}\\b)`,
);

/** The time that a query names: a day, a month, a year, or `yesterday`, `last week` before `now`. */
export function namedPeriod(query: string, now: Date): NamedPeriod | undefined {
  const text = query.toLowerCase();
  const iso = /\b(\d{4})-(\d{2})(?:-(\d{2}))?\b/.exec(text);
  if (iso !== null) return calendar(Number(iso[1]), Number(iso[2]) - 1, iso[3]);
  const year = /\b((?:19|20)\d{2})\b/.exec(text)?.[1];
  const day = DAY_FIRST.exec(text);
  if (day !== null) return ofMonth(day[3] ?? year, day[2]!, day[1]);
  const month = MONTH_FIRST.exec(text);
  if (month !== null && Number(month[2]) <= 31)
    return ofMonth(month[3] ?? year, month[1]!, month[2]);
  const alone = MONTH_ALONE.exec(text);
  if (alone !== null) return ofMonth(year, (alone[1] ?? alone[2])!);
  const other = MONTHS.find((name) => !["may", "march"].includes(name) && text.includes(name));
  if (other !== undefined && new RegExp(`\\b${other}\\b`).test(text)) return ofMonth(year, other);
  if (year !== undefined) return calendar(Number(year));
  return relative(text, now);
}

function ofMonth(year: string | undefined, name: string, day?: string): NamedPeriod {
  const month = MONTHS.indexOf(name);
  return year === undefined ? { month } : (calendar(Number(year), month, day) ?? { month });
}

function calendar(year: number, month?: number, day?: string): NamedPeriod | undefined {
  if (month !== undefined && (month < 0 || month > 11)) return undefined;
  if (month === undefined) return between(Date.UTC(year, 0), Date.UTC(year + 1, 0));
  if (day === undefined) return between(Date.UTC(year, month), Date.UTC(year, month + 1));
  const start = Date.UTC(year, month, Number(day));
  return between(start, start + DAY_MS);
}

const RELATIVE: readonly (readonly [RegExp, number, number])[] = [
  [/\btoday\b/, 0, 1],
  [/\byesterday\b/, -1, 0],
  [/\b(?:this|past) week\b/, -6, 1],
  [/\blast week\b/, -13, -6],
  [/\b(?:this|past) month\b/, -30, 1],
  [/\blast month\b/, -60, -29],
];

function relative(text: string, now: Date): NamedPeriod | undefined {
  const found = RELATIVE.find(([pattern]) => pattern.test(text));
  if (found === undefined) return undefined;
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  return between(today + found[1] * DAY_MS, today + found[2] * DAY_MS);
}

function between(from: number, to: number): NamedPeriod {
  return { from: new Date(from), to: new Date(to) };
}

/** What is told a while after it happened is near to it too: half of the nearness is gone after so long. */
const HALF_MS = 14 * DAY_MS;

/** How near a time is to a period: 1 within, less the farther it is. */
export function nearness(at: Date, period: NamedPeriod): number {
  if ("month" in period) return at.getUTCMonth() === period.month ? 1 : 0;
  const time = at.getTime();
  const [from, to] = [period.from.getTime(), period.to.getTime()];
  const distance = time < from ? from - time : time >= to ? time - to : 0;
  return 2 ** (-distance / HALF_MS);
}
