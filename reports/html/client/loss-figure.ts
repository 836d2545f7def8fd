import { LOSS, WINDOW } from '../../curves.js';
import type { Panel } from '../../panels.js';
import type { RunData } from '../run-data.js';
import { curvePicker } from './curve-picker.js';
import { figure } from './dom.js';
import { lossConfiguration } from './loss-series.js';
import { Plot } from './plot.js';

const HEIGHT = 420;

/** Training losses, with the list in which the reader chooses groups and single cells. The groups have one objective. */
export function lossFigure({ groups, label }: Panel, curves: RunData['curves']): HTMLElement {
  const { objective } = groups[0];
  const title = `${LOSS[objective]} against forward passes`;
  const { element, chosen } = curvePicker(groups, curves, () => plot.draw());
  const plot = new Plot(
    `${title}: ${label}`,
    (theme) => lossConfiguration(chosen(), objective, theme),
    () => HEIGHT,
  );
  const caption = `Moving average over ${100 * WINDOW} % of the steps; of a group, mean over its seeds and ± 1 sample std.`;
  return figure(title, [caption], plot.box, element);
}
