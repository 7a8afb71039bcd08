/** SVG as text: the same picture gives the same bytes, without a script or a font of its own. */
export type Attributes = Readonly<Record<string, string | number>>;

/** One element; children are SVG already. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const written = Object.entries(attributes)
    .map(
      ([key, value]) =>
        ` ${key}="${typeof value === "number" ? coordinate(value) : escapeXml(value)}"`,
    )
    .join("");
  return children.length === 0
    ? `<${name}${written}/>`
    : `<${name}${written}>${children.join("")}</${name}>`;
}

export function textElement(x: number, y: number, content: string, more: Attributes = {}): string {
  return element("text", { x, y, ...more }, escapeXml(content));
}

/** Two decimals are below what a screen shows, and keep the text free of platform noise. */
export function coordinate(value: number): string {
  const text = value.toFixed(2);
  return text.replace(/\.?0+$/, "").replace(/^-0$/, "0");
}

export function escapeXml(text: string): string {
  return (
    text
      // XML 1.0 has no place for control characters, escaped or not
      .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
      .replace(/&/g, "&amp;")
      .replace(/</g, "&lt;")
      .replace(/>/g, "&gt;")
      .replace(/"/g, "&quot;")
  );
}

export type Picture = Readonly<{
  width: number;
  height: number;
  title: string;
  /** What a person who cannot see the picture should hear. */
  description: string;
}>;

/** A whole document with an accessible name. */
export function svgDocument(picture: Picture, ...children: string[]): string {
  const { width, height, title, description } = picture;
  const root = element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      "aria-labelledby": "title description",
      "font-family": "system-ui, sans-serif",
      "font-size": 12,
      fill: "#222222",
    },
    element("title", { id: "title" }, escapeXml(title)),
    element("desc", { id: "description" }, escapeXml(description)),
    element("rect", { width, height, fill: "#ffffff" }),
    textElement(width / 2, 24, title, {
      "text-anchor": "middle",
      "font-size": 15,
      "font-weight": 600,
    }),
    ...children,
  );
  return `${root}\n`;
}
