import type { Chart } from 'chart.js';

/** The part of a 2D canvas context that is drawn with; its full type would need the browser's type library. */
export interface Pen {
  fillStyle: string;
  strokeStyle: string;
  lineWidth: number;
  font: string;
  textAlign: 'left' | 'center' | 'right';
  textBaseline: 'top' | 'middle' | 'bottom';
  save(): void;
  restore(): void;
  beginPath(): void;
  rect(x: number, y: number, width: number, height: number): void;
  clip(): void;
  translate(x: number, y: number): void;
  rotate(radians: number): void;
  setLineDash(lengths: number[]): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  arc(x: number, y: number, radius: number, from: number, to: number): void;
  stroke(): void;
  fill(): void;
  fillText(text: string, x: number, y: number): void;
  strokeText(text: string, x: number, y: number): void;
  measureText(text: string): { readonly width: number };
}

export const penOf = ({ ctx }: Chart): Pen => ctx as Pen;

/** A font of that size, in CSS pixels, of the chart's family. */
export function fontOf({ options }: Chart, size: number, weight: 'normal' | 'bold' = 'normal'): string {
  const { family = 'sans-serif' } = (options.font ?? {}) as { readonly family?: string };
  return `${weight} ${size}px ${family}`;
}
