import { DivergedError, type Parameters } from '../engine/index.js';
import { resolveOptimizer } from '../optimizers/index.js';
import { choiceBatch, makeBatch, type EncodedExample } from '../tasks/index.js';
import { BestParameters } from './best.js';
import { evaluate, judge, otherVersion, parametersSha256, SeedPlayer, SeedRecorder, train, type EarlierSteps } from '../training/index.js';
import type { CellCheckpoint, CellCheckpoints } from './checkpoint.js';
import { answerLine } from './items.js';
import type { DevPoint, StepProgress } from './messages.js';
import type { Judged, OpenCell } from './open-cell.js';
import type { CellSettings, Evaluation } from '../records/index.js';
import { quantile } from '../statistics/index.js';

/** What a cell says while it trains: where it is, and each step's loss. */
export type Report = (progress: StepProgress) => void;

/** What it says after an evaluation on dev. */
export type ReportEvaluation = (point: DevPoint) => void;

/** Zero-shot, training with dev evaluations, and the test score of the parameters that did best on dev. Throws DivergedError. */
export async function fineTune(
  { settings, model, items, engines, padId }: OpenCell,
  report: Report,
  evaluated: ReportEvaluation,
  checkpoints: CellCheckpoints,
): Promise<Judged> {
  const optimizer = await resolveOptimizer(settings.optimizer);
  if (optimizer.cost.backwards > 0) model.parameters.needAllInMemory(optimizer.id);
  // Where the model does not write its answers a metric is one of choices, whatever the task is trained by.
  const batchOf = settings.objective === 'cross-entropy' || engines.writer ? makeBatch[items.task.training] : choiceBatch;
  const trainingBatch = (examples: readonly EncodedExample[]) => batchOf(model, examples, padId);
  const { earlier } = checkpoints;
  const zeroShot = earlier?.zeroShot ?? {
    dev: await evaluate(engines, items.dev, padId),
    test: await evaluate(engines, items.test, padId),
  };
  const best = new BestSoFar(new BestParameters(model.parameters), new SeedRecorder(), zeroShot.dev);
  const curve: StepProgress[] = [...(earlier?.curve ?? [])];
  const devCurve: DevPoint[] = [...(earlier?.devCurve ?? [])];
  const stepTimes: number[] = [...(earlier?.stepTimes ?? [])];
  engines.forwards = earlier?.forwards ?? 0;
  const keep = (step: number): void =>
    checkpoints.keep(() => {
      const scalars = best.recorder.scalarsUntilNow();
      if (!scalars) return null;
      const bestOnDev = { step: best.step, dev: best.dev };
      const progress = { step, forwards: engines.forwards, curve, devCurve, stepTimes };
      return { ...progress, zeroShot, best: bestOnDev, scalars, parametersSha256: parametersSha256(model.parameters) };
    });
  try {
    await train(
      engines,
      best.recorder.recorded(optimizer),
      items.train,
      trainingBatch,
      settings,
      async ({ step, forwards, loss, milliseconds }) => {
        stepTimes.push(milliseconds);
        curve.push({ step, forwards, loss });
        report({ step, loss, forwards });
        if (step % settings.evaluateEvery === 0 || step === settings.steps) {
          const dev = await evaluatedAfter(step, model.parameters, () => evaluate(engines, items.dev, padId));
          devCurve.push({ step, forwards, score: dev.score });
          evaluated({ step, forwards, score: dev.score });
          best.offer(dev, step);
        }
        keep(step);
      },
      earlier && earlierSteps(earlier, settings, model.parameters, best),
    );
    best.parameters.restore();
    const { evaluation: test, answers } = await judge(engines, items.test, padId);
    const scalars = best.recorder.scalars();
    return {
      zeroShot,
      final: { dev: best.dev, test, step: best.step },
      ...(answers && { testAnswers: answerLine(items.testPlaces, answers) }),
      curve: curve.map(({ step, forwards, loss }) => ({ step, forwards, loss: Number(loss.toPrecision(7)) })),
      devCurve: [{ step: 0, forwards: 0, score: zeroShot.dev.score }, ...devCurve],
      forwards: engines.forwards,
      backwards: engines.backwards,
      trainableParameters: model.parameters.trainable.reduce((sum, { count }) => sum + count, 0),
      stepMs: { median: quantile(stepTimes, 0.5), p25: quantile(stepTimes, 0.25), p75: quantile(stepTimes, 0.75) },
      log: scalars && { step: best.step, parametersSha256: parametersSha256(model.parameters), scalars },
    };
  } finally {
    best.parameters.delete();
  }
}

/** The steps up to a checkpoint, and the best evaluation among them. */
function earlierSteps(earlier: CellCheckpoint, settings: CellSettings, parameters: Parameters, best: BestSoFar): EarlierSteps {
  const player = new SeedPlayer(settings, earlier.scalars);
  return {
    steps: earlier.step,
    context: (theta, step) => player.context(theta, step),
    taken(step) {
      if (step === earlier.best.step) best.take(earlier.best.dev, step);
      if (step < earlier.step) return;
      if (player.isAtEnd && parametersSha256(parameters) === earlier.parametersSha256) return;
      throw otherVersion(`the steps up to ${step} do not lead to the parameters that they led to before`);
    },
  };
}

/** Names the step after which the model gives no numbers any more: also where it hides that, as ReLU hides parameters that are NaN. */
async function evaluatedAfter<T>(step: number, parameters: Parameters, evaluation: () => Promise<T>): Promise<T> {
  const spoilt = parameters.trainable.find((parameter) => !isFinite(parameters.values(parameter)));
  if (spoilt) throw new DivergedError(`${spoilt.name} is not finite after step ${step}`);
  try {
    return await evaluation();
  } catch (error) {
    throw error instanceof DivergedError ? new DivergedError(`${error.message} after step ${step}`) : error;
  }
}

/** Whether all are numbers; adds up x * 0, NaN for those that are not, since asking each would take many times as long. */
function isFinite(values: Float32Array): boolean {
  let sum = 0;
  for (const value of values) sum += value * 0;
  return sum === 0;
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
    if (dev.score > this.dev.score) this.take(dev, step);
  }

  take(dev: Evaluation, step: number): void {
    this.dev = dev;
    this.step = step;
    this.parameters.save();
    this.recorder.mark();
  }
}
