import { cellId } from './cell-id.js';
import type { CellRecord, CompletedRecord, Evaluation } from './record.js';

/** A field that cannot be what a run writes, and why. */
export interface Contradiction {
  /** Its names, joined by dots. */
  readonly path: string;
  readonly message: string;
}

/** Numbers are written with all their digits: what differs by more was not computed from each other. */
const ROUNDING = 1e-9;

/** What no run can have written, although each field by itself might stand: a file edited by hand, or two that were mixed. */
export function contradictions(record: CellRecord): Contradiction[] {
  const found: (Contradiction | false)[] = [
    cellId(record.settings) !== record.cell && { path: 'cell', message: `"${record.cell}" is not the cell of its settings` },
    ...curveContradictions('curve', record.curve, record.settings.steps),
    ...(record.state === 'completed' ? resultContradictions(record) : []),
  ];
  return found.filter((one) => one !== false);
}

function resultContradictions(record: CompletedRecord): (Contradiction | false)[] {
  const { settings, splits, zeroShot, final, devCurve, metric, memory, stepMs, testAnswers } = record;
  const evaluations = [
    ['zeroShot.dev', zeroShot.dev, splits.dev],
    ['zeroShot.test', zeroShot.test, splits.test],
    ['final.dev', final.dev, splits.dev],
    ['final.test', final.test, splits.test],
  ] as const;
  return [
    ...evaluations.flatMap(([path, evaluation, items]) => evaluationContradictions(path, evaluation, items, metric)),
    final.step > settings.steps && { path: 'final.step', message: `is beyond the ${settings.steps} steps of the run` },
    ...curveContradictions('devCurve', devCurve, settings.steps),
    memory.aboveRuntimeBytes !== memory.peakBytes - memory.runtimeBytes && {
      path: 'memory.aboveRuntimeBytes',
      message: 'is not peakBytes - runtimeBytes',
    },
    stepMs !== null && !isAscending([stepMs.p25, stepMs.median, stepMs.p75]) && { path: 'stepMs', message: 'quartiles out of order' },
    testAnswers !== undefined && !isTold(testAnswers, final.test) && { path: 'testAnswers', message: 'are not those of final.test' },
  ];
}

function evaluationContradictions(
  path: string,
  { score, correct, total, interval: [low, high] }: Evaluation,
  items: number,
  metric: CompletedRecord['metric'],
): (Contradiction | false)[] {
  return [
    total !== items && { path: `${path}.total`, message: `is ${total}, but splits say ${items}` },
    correct > total && { path: `${path}.correct`, message: `is ${correct} of ${total}` },
    // An F1 counts words, of which an answer may have some right.
    metric === 'accuracy' &&
      Math.abs(score - correct / total) > ROUNDING && {
        path: `${path}.score`,
        message: `is ${score}, not ${correct} of ${total}`,
      },
    !isAscending([low - ROUNDING, score, high + ROUNDING]) && { path: `${path}.interval`, message: `does not hold ${score}` },
  ];
}

function curveContradictions(
  path: string,
  points: readonly { readonly step: number; readonly forwards: number }[],
  steps: number,
): (Contradiction | false)[] {
  const wrong = points.findIndex(({ step, forwards }, index) => {
    const before = points[index - 1];
    return step > steps || (before !== undefined && (step <= before.step || forwards < before.forwards));
  });
  return [wrong >= 0 && { path: `${path}.${wrong}`, message: `steps out of order, or beyond the ${steps} of the run` }];
}

const isAscending = (values: readonly number[]): boolean =>
  values.every((value, index) => index === 0 || value >= (values[index - 1] ?? NaN));

/** Whether the single answers come to what is reported. */
function isTold(answers: string, { correct, total }: Evaluation): boolean {
  const count = (answer: string): number => answers.split(answer).length - 1;
  return count('1') === correct && count('0') === total - correct;
}
