import type { TrainingFree } from '../schemes/index.js';
import { judge } from '../training/index.js';
import { answerLine } from './items.js';
import type { Judged, OpenCell } from './open-cell.js';
import { probe, type Answered } from './probe.js';

/** Judges a cell by what its scheme does in place of training, beside the model that is asked at once. Throws DivergedError. */
export async function judgeUntrained(cell: OpenCell, scheme: TrainingFree): Promise<Judged> {
  const asked = await answeredAtOnce(cell);
  const { dev, test, fitted = 0, ...says } = scheme.method === 'zero-shot' ? asked : await ways[scheme.method](cell);
  return {
    zeroShot: { dev: asked.dev.evaluation, test: asked.test.evaluation },
    final: { dev: dev.evaluation, test: test.evaluation, step: 0 },
    ...(test.answers && { testAnswers: answerLine(cell.items.testPlaces, test.answers) }),
    ...says,
    curve: [],
    devCurve: [{ step: 0, forwards: 0, score: dev.evaluation.score }],
    forwards: 0,
    backwards: 0,
    trainableParameters: fitted,
    stepMs: null,
    log: null,
  };
}

const ways = { 'in-context': answeredInContext, 'linear-probing': probe } as const;

async function answeredAtOnce({ items, engines, padId }: OpenCell): Promise<Answered> {
  return { dev: await judge(engines, items.dev, padId), test: await judge(engines, items.test, padId) };
}

async function answeredInContext(cell: OpenCell): Promise<Answered> {
  const { inContext } = cell.items;
  if (!inContext) throw new Error('the items were drawn without demonstrations');
  const { demonstrations, ...judged } = inContext;
  return { ...(await answeredAtOnce({ ...cell, items: { ...cell.items, ...judged } })), demonstrations };
}
