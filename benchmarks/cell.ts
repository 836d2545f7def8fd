import { cpuBackend } from '../engine/index.js';
import { isEmbeddedModel, loadModel, loadTokenizer, modelFolder, openCheckpoint } from '../models/index.js';
import { resolveOptimizer } from '../optimizers/index.js';
import { schemeNamed } from '../schemes/index.js';
import { choiceBatch, makeBatch, type EncodedExample } from '../tasks/index.js';
import { AnswerWriter } from './answers.js';
import { BestParameters } from './best.js';
import { Engines } from './engines.js';
import { answersTo, evaluate, evaluationOf } from './evaluate.js';
import { answerLine, cellItems } from './items.js';
import { peakBytes } from './memory.js';
import type { CellSettings, CompletedRecord, Evaluation } from '../reports/index.js';
import { schemeSeed } from './run-seeds.js';
import { parametersSha256, SeedRecorder, type LoggedSteps } from './seed-log.js';
import { train } from './train.js';

/** What a cell says while it trains: where it is, and each step's loss. */
export type Report = (progress: { readonly step: number; readonly loss: number; readonly forwards: number }) => void;

/** The part of a record that the cell itself knows. */
export type CellResult = Omit<
  CompletedRecord,
  'recordVersion' | 'cell' | 'settings' | 'machine' | 'versions' | 'startedAt' | 'seconds' | 'state' | 'seedLog'
>;

export interface CellOutcome {
  readonly result: CellResult;
  /** null where the optimizer was told more than a log can hold. */
  readonly loggedSteps: LoggedSteps | null;
}

/**
 * Fine-tunes and judges one cell of the matrix: zero-shot, training with dev evaluations, and the test accuracy of the
 * parameters that did best on dev. The test set decides nothing.
 * @throws DivergedError, InputError, UsageError
 */
export async function runCell(settings: CellSettings, report: Report): Promise<CellOutcome> {
  const backend = cpuBackend(settings.threads);
  const runtimeBytes = peakBytes();
  const optimizer = await resolveOptimizer(settings.optimizer);
  const checkpoint = openCheckpoint(modelFolder(settings.model));
  const tokenizer = loadTokenizer(checkpoint.folder);
  const padId = tokenizer.padId ?? 0;
  const model = await loadModel(checkpoint, schemeNamed(settings.scheme).adaptation(schemeSeed(settings.seed)), settings.stream);
  if (optimizer.cost.backwards > 0) model.parameters.needAllInMemory(optimizer.id);
  const items = await cellItems(settings, model, tokenizer);

  const writer = items.task.metric === 'f1' ? new AnswerWriter(model, tokenizer) : undefined;
  const engines = new Engines(backend, model, settings.objective, writer);
  // Where the model does not write its answers a metric is one of choices, whatever the task is trained by.
  const batchOf = settings.objective === 'cross-entropy' || writer ? makeBatch[items.task.training] : choiceBatch;
  const trainingBatch = (examples: readonly EncodedExample[]) => batchOf(model, examples, padId);
  const zeroShot = { dev: await evaluate(engines, items.dev, padId), test: await evaluate(engines, items.test, padId) };
  const best = new BestSoFar(new BestParameters(model.parameters), new SeedRecorder(), zeroShot.dev);
  const curve: CellResult['curve'] = [];
  const devCurve: CellResult['devCurve'] = [{ step: 0, forwards: 0, accuracy: zeroShot.dev.accuracy }];
  const stepTimes: number[] = [];
  try {
    await train(
      engines,
      best.recorder.overhear(optimizer),
      items.train,
      trainingBatch,
      settings,
      async ({ step, forwards, loss, milliseconds }) => {
        stepTimes.push(milliseconds);
        curve.push({ step, forwards, loss: Number(loss.toPrecision(7)) });
        report({ step, loss, forwards });
        if (step % settings.evaluateEvery !== 0 && step !== settings.steps) return;
        const dev = await evaluate(engines, items.dev, padId);
        devCurve.push({ step, forwards, accuracy: dev.accuracy });
        best.offer(dev, step);
      },
    );
    best.parameters.restore();
    const chosen = writer ? undefined : await answersTo(engines, items.test, padId);
    const test = chosen ? evaluationOf(chosen) : await evaluate(engines, items.test, padId);
    const sha256 = checkpoint.sha256();
    const result: CellResult = {
      zeroShot,
      final: { dev: best.dev, test, step: best.step },
      ...(chosen && { testAnswers: answerLine(items.testPlaces, chosen) }),
      curve,
      devCurve,
      forwards: engines.forwards,
      backwards: engines.backwards,
      trainableParameters: model.parameters.trainable.reduce((sum, { count }) => sum + count, 0),
      totalParameters: model.parameters.all.reduce((sum, { count }) => sum + count, 0),
      stepMs: { median: quantile(stepTimes, 0.5), p25: quantile(stepTimes, 0.25), p75: quantile(stepTimes, 0.75) },
      memory: memoryAbove(runtimeBytes),
      dataSource: settings.data === 'embedded' ? 'embedded (generated)' : items.files.join(', '),
      generatedData: settings.data === 'embedded',
      taskVersion: items.task.version,
      metric: items.task.metric,
      splits: { train: items.train.length, dev: items.dev.length, test: items.test.length },
      checkpoint: { source: settings.model, sha256, embedded: isEmbeddedModel(settings.model) },
    };
    const scalars = best.recorder.scalars();
    const logged = {
      checkpoint: { source: settings.model, sha256 },
      step: best.step,
      parametersSha256: parametersSha256(model.parameters),
    };
    return { result, loggedSteps: scalars && { ...logged, scalars } };
  } finally {
    best.parameters.delete();
  }
}

/** The evaluation that was best on dev, the earliest of equals, the parameters it had, and what its steps were told. */
class BestSoFar {
  step = 0;

  constructor(
    readonly parameters: BestParameters,
    readonly recorder: SeedRecorder,
    public dev: Evaluation,
  ) {
    parameters.save();
  }

  offer(dev: Evaluation, step: number): void {
    if (dev.accuracy <= this.dev.accuracy) return;
    this.dev = dev;
    this.step = step;
    this.parameters.save();
    this.recorder.mark();
  }
}

function memoryAbove(runtimeBytes: number): CellResult['memory'] {
  const peak = peakBytes();
  return { peakBytes: peak, runtimeBytes, aboveRuntimeBytes: peak - runtimeBytes };
}

/** Linear interpolation between order statistics. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [low = NaN, high = low] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return low + (high - low) * (place - Math.floor(place));
}
