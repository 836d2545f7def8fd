import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  ScatterController,
  Tooltip,
  type ChartConfiguration,
  type ChartOptions,
} from 'chart.js';
import { ON_DARK, ON_WHITE, type Theme } from '../../chart-style.js';
import { create } from './dom.js';

Chart.register(BarController, BarElement, LineController, LineElement, ScatterController, PointElement);
Chart.register(CategoryScale, LinearScale, LogarithmicScale, Tooltip, Filler);

/** CSS pixels of a plot on paper: what fits on A4 and on US Letter. */
const PAPER_WIDTH = 660;

const darkScreen = matchMedia('(prefers-color-scheme: dark)');
const plots: Plot[] = [];
let isPrinting = false;

/** What a plot is drawn from, made anew for each theme. */
type Configure = (theme: Theme) => ChartConfiguration;

/** A chart in the page, in the colours of the screen or of paper. Its name is for those who do not see it. */
export class Plot {
  readonly box = create('div', { className: 'plot' });
  private chart: Chart | undefined;

  /** @param height CSS pixels. */
  constructor(
    private readonly name: string,
    private readonly configure: Configure,
    private readonly height: (configuration: ChartConfiguration) => number,
  ) {
    plots.push(this);
  }

  draw(): void {
    this.chart?.destroy();
    const theme = isPrinting || !darkScreen.matches ? ON_WHITE : ON_DARK;
    const configuration = this.configure(theme);
    const height = this.height(configuration);
    const canvas = create('canvas', { width: PAPER_WIDTH, height, role: 'img', ariaLabel: this.name });
    this.box.replaceChildren(canvas);
    this.box.style.height = `${height}px`;
    Object.assign(Chart.defaults, { color: theme.ink, borderColor: `${theme.faintInk}40` });
    Chart.defaults.font.family = 'system-ui, sans-serif';
    this.chart = new Chart(canvas, { ...configuration, options: { ...configuration.options, ...onPage(configuration.options ?? {}) } });
  }
}

/** Draws all plots, and again when the screen turns dark or light, and for paper. */
export function keepDrawn(): void {
  const drawAll = (): void => plots.forEach((plot) => plot.draw());
  drawAll();
  darkScreen.addEventListener('change', drawAll);
  addEventListener('beforeprint', () => {
    isPrinting = true;
    drawAll();
  });
  addEventListener('afterprint', () => {
    isPrinting = false;
    drawAll();
  });
}

/** Title and legend are the page's; the size is the box's, but on paper, which nobody can resize. */
function onPage({ plugins }: ChartOptions): ChartOptions {
  const hidden = { display: false };
  return {
    animation: false,
    responsive: !isPrinting,
    maintainAspectRatio: false,
    plugins: { ...plugins, title: hidden, subtitle: hidden, legend: hidden },
    ...(isPrinting ? { devicePixelRatio: 3 } : {}),
  };
}
