import { escapeHtml, htmlPage } from "../../../core/html-page.ts";
import { drawPlot } from "./chart.ts";
import type { ImagePlot, Plots } from "./plots.ts";

/** A page in one file: pictures of our own and images in it, nothing fetched, nothing run. */
export function plotsPage({ plots, failures }: Plots): string {
  const problems = failures.map(
    ({ name, revision, failure }) =>
      `<li>${escapeHtml(`${name} in ${revision}: ${failure.message}`)}</li>`,
  );
  return htmlPage(
    "Plots",
    "<h1>Plots</h1>",
    ...plots.map((plot) => {
      if (plot.kind === "images") return imagesSection(plot);
      if (plot.points.length === 0) return "";
      return `<section><div class="wide">${drawPlot(plot)}</div></section>`;
    }),
    problems.length === 0 ? "" : `<h2>Not drawn</h2><ul>${problems.join("\n")}</ul>`,
  );
}

function imagesSection({ name, images }: ImagePlot): string {
  const cards = images.map(
    ({ revision, filename, bytes }) =>
      `<div class="card"><h3>${escapeHtml(revision)}</h3><img alt="${escapeHtml(filename)}" src="${dataUrl(filename, bytes)}"></div>`,
  );
  return `<section><h2>${escapeHtml(name)}</h2><div class="cards">${cards.join("\n")}</div></section>`;
}

const TYPES: Readonly<Record<string, string>> = {
  ".png": "image/png",
  ".gif": "image/gif",
  ".svg": "image/svg+xml",
};

function dataUrl(filename: string, bytes: Buffer): string {
  const type = TYPES[filename.slice(filename.lastIndexOf("."))] ?? "image/jpeg";
  return `data:${type};base64,${bytes.toString("base64")}`;
}
