import { element, escapeXml, textElement } from "./svg.ts";

/** Small pictures of reports, coloured by the classes of the page that they stand in. */
export type Tone = "fill" | "fill-bad" | "fill-warn";

/** A bar that fills by a share; a share above nothing is always seen. */
export function shareBar(share: number, tone: Tone, label: string, width = 160): string {
  const filled = share <= 0 ? 0 : Math.max(2, Math.min(1, share) * width);
  return picture(
    width,
    10,
    label,
    element("rect", { x: 0, y: 0, width, height: 10, rx: 3, class: "track" }),
    element("rect", { x: 0, y: 0, width: filled, height: 10, rx: 3, class: tone }),
  );
}

export type Bins = Readonly<{ counts: readonly number[]; from: string; to: string }>;

/** Counts of intervals side by side, the bounds of the whole below. */
export function histogramPicture({ counts, from, to }: Bins, tone: Tone, label: string): string {
  const [width, height] = [280, 80];
  const most = Math.max(1, ...counts);
  const step = width / counts.length;
  const bars = counts.map((count, i) => {
    const tall = count === 0 ? 0 : Math.max(1, (count / most) * height);
    return element(
      "rect",
      {
        x: i * step + 0.5,
        y: height - tall,
        width: Math.max(1, step - 1),
        height: tall,
        class: tone,
      },
      element("title", {}, String(count)),
    );
  });
  return picture(
    width,
    height + 16,
    label,
    ...bars,
    textElement(0, height + 13, shorten(from, 22), { class: "soft" }),
    textElement(width, height + 13, shorten(to, 22), { class: "soft", "text-anchor": "end" }),
  );
}

export type NamedCount = Readonly<{ name: string; count: number }>;

/** The most frequent values with their counts, one bar each. */
export function valueBars(values: readonly NamedCount[], tone: Tone, label: string): string {
  const [width, row, left] = [280, 18, 120];
  const most = Math.max(1, ...values.map(({ count }) => count));
  const bars = values.map(({ name, count }, i) => {
    const wide = Math.max(1, (count / most) * (width - left - 50));
    return (
      textElement(left - 6, i * row + 12, shorten(name, 16), { "text-anchor": "end" }) +
      element("rect", { x: left, y: i * row + 3, width: wide, height: row - 6, class: tone }) +
      textElement(left + wide + 5, i * row + 12, String(count), { class: "soft" })
    );
  });
  return picture(width, values.length * row, label, ...bars);
}

function picture(width: number, height: number, label: string, ...children: string[]): string {
  const box = { viewBox: `0 0 ${width} ${height}`, width, height, role: "img" };
  return element("svg", box, element("title", {}, escapeXml(label)), ...children);
}

function shorten(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}

/** Equal intervals over the numbers given, as counts. */
export function binNumbers(values: readonly number[], bins = 20): Bins | null {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return null;
  const low = finite.reduce((a, b) => Math.min(a, b));
  const high = finite.reduce((a, b) => Math.max(a, b));
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of finite) {
    const place = high === low ? 0 : Math.floor(((value - low) / (high - low)) * bins);
    counts[Math.min(bins - 1, place)]! += 1;
  }
  return { counts, from: String(low), to: String(high) };
}
