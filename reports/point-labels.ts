import type { Chart, Plugin } from 'chart.js';
import { fontOf, penOf, type Pen } from './pen.js';

export interface PointLabel {
  text: string;
  ink: string;
}

interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** In CSS pixels. */
const SIZE = 11;
const HEIGHT = 13;
/** Half the side of the room that a point takes. */
const POINT = 7;
const DISTANCES = [8, 14, 22, 32, 44, 58, 74, 92, 112, 134, 158, 184, 212];
const DIRECTIONS = 16;
/** From this distance on, a line leads from the point to its label. */
const FAR = 14;

/** Writes beside the first point of each dataset what it is, where neither another label nor a point is in the way. */
export function pointLabels(labels: readonly PointLabel[], ground: string): Plugin {
  return {
    id: 'pointLabels',
    afterDatasetsDraw: (chart) => {
      const pen = penOf(chart);
      const points = labels.map((_, dataset) => chart.getDatasetMeta(dataset).data[0] ?? { x: NaN, y: NaN });
      const taken = points.map(({ x, y }): Box => ({ left: x - POINT, top: y - POINT, width: 2 * POINT, height: 2 * POINT }));
      pen.save();
      pen.font = fontOf(chart, SIZE);
      pen.textAlign = 'left';
      pen.textBaseline = 'middle';
      labels.forEach(({ text, ink }, index) => {
        const point = points[index];
        if (point === undefined || Number.isNaN(point.x)) return;
        const { box, distance } = placed(chart, point, pen.measureText(text).width, taken);
        taken.push(box);
        if (distance >= FAR) drawLeader(pen, point, box, ink);
        pen.strokeStyle = ground;
        pen.lineWidth = 3;
        pen.strokeText(text, box.left, box.top + box.height / 2);
        pen.fillStyle = ink;
        pen.fillText(text, box.left, box.top + box.height / 2);
      });
      pen.restore();
    },
  };
}

/** The nearest free place; where there is none, the nearest of all. */
function placed({ chartArea }: Chart, { x, y }: { x: number; y: number }, width: number, taken: readonly Box[]) {
  const places = DISTANCES.flatMap((distance) =>
    Array.from({ length: DIRECTIONS }, (_, direction) => {
      const angle = (2 * Math.PI * direction) / DIRECTIONS;
      const [right, down] = [Math.cos(angle), Math.sin(angle)];
      const centre = { x: x + right * (distance + width / 2), y: y + down * (distance + HEIGHT / 2) };
      return { distance, box: { left: centre.x - width / 2, top: centre.y - HEIGHT / 2, width, height: HEIGHT } };
    }),
  );
  const isFree = ({ box }: { box: Box }): boolean => isWithin(box, chartArea) && !taken.some((other) => overlap(box, other));
  return places.find(isFree) ?? { distance: 0, box: { left: x + POINT, top: y - HEIGHT / 2, width, height: HEIGHT } };
}

const isWithin = (box: Box, { left, right, top, bottom }: Chart['chartArea']): boolean =>
  box.left >= left && box.left + box.width <= right && box.top >= top && box.top + box.height <= bottom;

const overlap = (a: Box, b: Box): boolean =>
  a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;

function drawLeader(pen: Pen, { x, y }: { x: number; y: number }, { left, top, width, height }: Box, ink: string): void {
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(Math.max(left, Math.min(x, left + width)), Math.max(top, Math.min(y, top + height)));
  pen.strokeStyle = ink;
  pen.lineWidth = 0.6;
  pen.stroke();
}
