import { createRequire } from 'node:module';
import { GlobalFonts } from '@napi-rs/canvas';
import type { ChartConfiguration } from 'chart.js';
import { ChartJSNodeCanvas } from 'chartjs-node-canvas';

/** CSS pixels; the image has twice as many each way. */
const SIZE = { width: 900, height: 500 };
const PIXEL_RATIO = 2;

/** Name under which the bundled font is registered: never a system font's, so that plots look alike on every machine. */
export const FONT_FAMILY = 'zobench sans';
const FONT_FILES = ['@fontsource/inter/files/inter-latin-400-normal.woff2', '@fontsource/inter/files/inter-latin-700-normal.woff2'];

let renderer: ChartJSNodeCanvas | undefined;

/**
 * Draws a chart on white as a PNG of 1800 x 1000 pixels.
 * @throws Error where the bundled font is not installed: without one, texts would vanish without a word.
 */
export function renderPng(configuration: ChartConfiguration): Buffer {
  renderer ??= createRenderer();
  const options = { ...configuration.options, devicePixelRatio: PIXEL_RATIO, locale: 'en-US' };
  return renderer.renderToBufferSync({ ...configuration, options });
}

function createRenderer(): ChartJSNodeCanvas {
  FONT_FILES.forEach(registerFont);
  return new ChartJSNodeCanvas({
    ...SIZE,
    backgroundColour: 'white',
    chartCallback: ({ defaults }) => {
      defaults.font.family = `'${FONT_FAMILY}'`;
      defaults.font.size = 13;
      defaults.color = '#222';
    },
  });
}

function registerFont(file: string): void {
  const path = createRequire(import.meta.url).resolve(file);
  if (!GlobalFonts.registerFromPath(path, FONT_FAMILY)) throw new Error(`${path}: not a font that can be drawn with; run npm ci`);
}
