import type { ChartOptions, LegendItem } from 'chart.js';
import type { Group } from './groups.js';

type Cycle<T> = readonly [T, ...T[]];

/** Those of chart.js's point styles that stay apart at small sizes. */
export type Marker = 'circle' | 'rect' | 'triangle' | 'rectRot' | 'crossRot' | 'star' | 'cross';

/** The ground that is drawn on, and what goes with it. */
export interface Theme {
  ground: string;
  ink: string;
  faintInk: string;
  colours: Cycle<string>;
}

/** Okabe-Ito, told apart with every common colour blindness, then grey and darker shades; its yellow last, being faint on white. */
export const ON_WHITE: Theme = {
  ground: 'white',
  ink: '#222',
  faintInk: '#888888',
  colours: [
    ...(['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000'] as const),
    ...(['#8A8A8A', '#6B2F00', '#66304F', '#004F3A', '#003A5B', '#F0E442'] as const),
  ],
};

/** The same hues, lighter where they would drown, white for black and tints for the darker shades. */
export const ON_DARK: Theme = {
  ground: '#16191d',
  ink: '#e4e7ea',
  faintInk: '#8d959d',
  colours: [
    ...(['#4BA3E3', '#F07A2B', '#1FBF92', '#DD93BC', '#E69F00', '#8CCBF2', '#FFFFFF'] as const),
    ...(['#9A9A9A', '#C08A62', '#B07A98', '#6FA893', '#7C9DB5', '#F0E442'] as const),
  ],
};
const MARKERS: Cycle<Marker> = ['circle', 'rect', 'triangle', 'rectRot', 'crossRot', 'star', 'cross'];
const DASHES: Cycle<number[]> = [[], [8, 4], [2, 3], [8, 3, 2, 3], [14, 4], [2, 7]];

/** Of what stands for no optimizer. */
export const NEUTRAL = '#555';

/** What each scheme looks like, the same in every plot of a run. Optimizers, which are many, are named beside what is drawn. */
export interface Appearance {
  theme: Theme;
  schemes: string[];
  colour(scheme: string): string;
  marker(scheme: string): Marker;
  dash(scheme: string): number[];
}

/** Gives every scheme of a run its colour, its marker and its dash. */
export function appearanceOf(groups: readonly Group[], theme = ON_WHITE): Appearance {
  const schemes = unique(groups.map(({ scheme }) => scheme));
  return {
    theme,
    schemes,
    colour: (scheme) => pick(theme.colours, schemes.indexOf(scheme)),
    marker: (scheme) => pick(MARKERS, schemes.indexOf(scheme)),
    dash: (scheme) => pick(DASHES, schemes.indexOf(scheme)),
  };
}

/** The look of number `index` of many things that are told apart by colour, and where the colours are used up by marker too. */
export function lookAt(index: number, { colours } = ON_WHITE): { colour: string; marker: Marker } {
  return { colour: pick(colours, index), marker: pick(MARKERS, Math.floor(index / colours.length)) };
}

/** Distinct texts in code-unit order. */
export function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}

function pick<T>(items: Cycle<T>, index: number): T {
  return items[index % items.length] ?? items[0];
}

/** Legend entry for a scheme: its colour, and its marker where one is drawn. */
export function schemeItem(look: Appearance, scheme: string, pointStyle: Marker = 'rect'): LegendItem {
  const colour = look.colour(scheme);
  return { text: scheme, fillStyle: colour, strokeStyle: colour, lineWidth: 2, pointStyle };
}

/** Legend entry for something drawn as a line. */
export function lineItem(text: string, lineDash: number[], colour = NEUTRAL): LegendItem {
  return { text, fillStyle: colour, strokeStyle: colour, lineWidth: 2, lineDash, pointStyle: 'line' };
}

/** Legend entry that shows nothing, to part two lists. */
export const GAP_ITEM: LegendItem = { text: '', fillStyle: 'transparent', strokeStyle: 'transparent' };

/** CSS pixels of a plot; the height is that of one that asks for none. */
export const SIZE = { width: 900, height: 500 };

/** What the plots share: titles at the left, nothing that moves. */
export interface Frame {
  title: string;
  /** One line each. */
  subtitle: string[];
  legend: LegendItem[];
  /** right: a list beside the chart; top: a line above it. */
  legendAt?: 'right' | 'top';
  /** CSS pixels. */
  height?: number;
  /** Room beside and below the chart, in CSS pixels. */
  paddingRight?: number;
  paddingLeft?: number;
  paddingBottom?: number;
  /** Of the legend's swatches, in CSS pixels: a dash pattern needs room, a marker would be stretched. */
  swatchWidth: number;
  scales: NonNullable<ChartOptions['scales']>;
}

/** A legend of more entries is set closer; some twenty fit. */
const ROOMY_LEGEND = 12;

/** Options of a chart in the style of the suite. */
export function chartOptions(frame: Frame): ChartOptions {
  const { title, subtitle, legend, legendAt = 'right', height = SIZE.height, swatchWidth, scales } = frame;
  const { paddingLeft: left = 16, paddingRight: right = 16, paddingBottom: bottom = 12 } = frame;
  return {
    responsive: false,
    animation: false,
    aspectRatio: SIZE.width / height,
    layout: { padding: { left, right, top: 10, bottom } },
    scales,
    plugins: {
      title: { display: true, text: title, align: 'start', font: { size: 17, weight: 'bold' }, padding: { top: 2, bottom: 4 } },
      subtitle: { display: true, text: subtitle, align: 'start', color: NEUTRAL, font: { size: 12 }, padding: { bottom: 12 } },
      legend: {
        position: legendAt,
        align: 'start',
        // Beside the chart only, so that a long title has the whole width.
        fullSize: false,
        labels: {
          usePointStyle: true,
          pointStyleWidth: swatchWidth,
          boxHeight: 9,
          padding: legend.length > ROOMY_LEGEND ? 4 : 8,
          font: { size: 12 },
          generateLabels: () => legend,
        },
      },
    },
  };
}

/** An axis title. */
export function axisTitle(text: string): { display: true; text: string } {
  return { display: true, text };
}
