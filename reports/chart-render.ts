import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createCanvas, GlobalFonts, SvgExportFlag } from '@napi-rs/canvas';
import { Chart, registerables, type ChartConfiguration, type Plugin } from 'chart.js';
import { ChartJSNodeCanvas } from 'chartjs-node-canvas';
import { writeFileWhole } from '../engine/index.js';
import { SIZE } from './chart-style.js';
import { penOf } from './pen.js';

/** Image pixels for a CSS pixel, each way. */
const PIXEL_RATIO = 2;

/** Name under which the bundled font is registered: never a system font's, so that plots look alike on every machine. */
export const FONT_FAMILY = 'zobench sans';
const FONT_FILES = ['@fontsource/inter/files/inter-latin-400-normal.woff2', '@fontsource/inter/files/inter-latin-700-normal.woff2'];

/** By height. */
const renderers = new Map<number, ChartJSNodeCanvas>();

/** Endings of a plot's two files: one for screens, one for print. */
const FORMS = ['png', 'svg'] as const;

/** Writes a plot as PNG and as SVG; gives the files' names. @param name without an ending. */
export function writeChart(folder: string, name: string, chart: ChartConfiguration): string[] {
  writeFileWhole(join(folder, `${name}.png`), renderPng(chart));
  writeFileWhole(join(folder, `${name}.svg`), renderSvg(chart));
  return FORMS.map((form) => `${name}.${form}`);
}

/** Removes what an earlier report drew under a name. */
export function removeChart(folder: string, name: string): void {
  for (const form of FORMS) rmSync(join(folder, `${name}.${form}`), { force: true });
}

/**
 * Draws a chart on white as a PNG 1800 pixels wide, and 1000 high unless its aspect ratio says otherwise.
 * @throws Error where the bundled font is not installed: without one, texts would vanish without a word.
 */
export function renderPng(configuration: ChartConfiguration): Buffer {
  const height = heightOf(configuration);
  const renderer = renderers.get(height) ?? createRenderer(height);
  renderers.set(height, renderer);
  const options = { ...configuration.options, devicePixelRatio: PIXEL_RATIO, locale: 'en-US' };
  return renderer.renderToBufferSync({ ...configuration, options });
}

/**
 * Draws a chart on white as an SVG 900 pixels wide. Letters are outlines: the file looks the same where the font is missing.
 * @throws Error where the bundled font is not installed.
 */
export function renderSvg(configuration: ChartConfiguration): string {
  registerFonts();
  Chart.register(...registerables);
  setDefaults(Chart);
  const height = heightOf(configuration);
  const canvas = createCanvas(SIZE.width, height, SvgExportFlag.ConvertTextToPaths);
  const options = { ...configuration.options, devicePixelRatio: 1, locale: 'en-US' };
  new Chart(canvas, { ...configuration, options, plugins: [whiteGround, ...(configuration.plugins ?? [])] }).destroy();
  return compact(canvas.getContent().toString());
}

/** Chart.js clears the canvas before it draws, so the ground is painted after that. */
const whiteGround: Plugin = {
  id: 'whiteGround',
  beforeDraw: (chart) => {
    const pen = penOf(chart);
    pen.fillStyle = 'white';
    pen.beginPath();
    pen.rect(0, 0, chart.width, chart.height);
    pen.fill();
  },
};

/** Hundredths of a pixel are plenty; half of the file would be further digits. */
function compact(svg: string): string {
  return svg.replace(/\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2)))).replace(/\n\s*/g, '');
}

const heightOf = ({ options }: ChartConfiguration): number => Math.round(SIZE.width / (options?.aspectRatio ?? SIZE.width / SIZE.height));

function createRenderer(height: number): ChartJSNodeCanvas {
  registerFonts();
  return new ChartJSNodeCanvas({
    width: SIZE.width,
    height,
    backgroundColour: 'white',
    chartCallback: setDefaults,
  });
}

/** An image's texts. */
function setDefaults({ defaults }: Pick<typeof Chart, 'defaults'>): void {
  defaults.font.family = `'${FONT_FAMILY}'`;
  defaults.font.size = 13;
  defaults.color = '#222';
}

function registerFonts(): void {
  if (!GlobalFonts.has(FONT_FAMILY)) FONT_FILES.forEach(registerFont);
}

function registerFont(file: string): void {
  const path = createRequire(import.meta.url).resolve(file);
  if (!GlobalFonts.registerFromPath(path, FONT_FAMILY)) throw new Error(`${path}: not a font that can be drawn with; run npm ci`);
}
