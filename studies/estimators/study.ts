import { deriveSeed, UsageError, type Seed } from '../../engine/index.js';
import type { Optimizer } from '../../optimizers/index.js';
import { gaussianCosine, gaussianVariance, type EpsilonRow, type EstimatorRow, type EstimatorStudy } from '../../reports/index.js';
import { mean } from '../../statistics/index.js';
import { calibrate, type Calibration } from './calibrate.js';
import { draw, type Arrays, type Draw } from './draws.js';
import { againstEpsilon } from './epsilon.js';
import type { OptimizerFamily, Member } from './families.js';
import { statisticsOf } from './statistics.js';
import { StepMeter } from './step-meter.js';
import type { EstimatorSubject } from './subject.js';

export interface StudySettings {
  /** Seeds under which each estimator is sampled: at least 2. */
  readonly samples: number;
  /** Grid of the perturbation sizes. */
  readonly epsilons: readonly number[];
  readonly seed: Seed;
}

/** A study, without the names of what it was made on. */
export type Measured = Omit<EstimatorStudy, 'subject'> & {
  readonly loss: number;
  readonly gradientNorm: number;
  readonly dimensions: number;
};

/** Is told what was measured, in a few words, and given all that was measured so far. */
export type Say = (what: string, soFar: Measured) => void;

/** Seeds among which a first step is looked for that moves. */
const CALIBRATION_SEEDS = 4;
/** Samples per epsilon: the relative error is much the same for every direction. */
const EPSILON_SAMPLES = 32;

/**
 * Measures the optimizers as estimators of the subject's gradient.
 * @throws UsageError where the gradient is 0, or an optimizer's first step does not move; before the long part begins.
 */
export async function measureEstimators(
  subject: EstimatorSubject,
  families: readonly OptimizerFamily[],
  settings: StudySettings,
  say: Say,
): Promise<Measured> {
  const study = await Study.begin(subject, settings);
  const calibrations = new Map<string, Calibration>();
  for (const optimizer of families.flatMap((family) => [family.optimizer, ...family.members.map((member) => member.optimizer)])) {
    if (!calibrations.has(optimizer.id)) calibrations.set(optimizer.id, await study.calibration(optimizer));
  }
  const calibrationOf = ({ id }: Optimizer): Calibration => calibrations.get(id) ?? missing(id);

  const { loss, gradientNorm, dimensions } = study;
  const estimators: EstimatorRow[] = [];
  const epsilons: EpsilonRow[] = [];
  const measured = { estimators, epsilons, loss, gradientNorm, dimensions };
  for (const family of families) {
    for (const member of family.members) {
      estimators.push(await study.estimator(family.optimizer.id, member, calibrationOf(member.optimizer)));
      say(`${member.optimizer.id}: ${settings.samples} samples`, measured);
    }
  }
  for (const { optimizer } of families.filter((family) => family.optimizer.order !== 'first')) {
    epsilons.push(...(await study.epsilons(optimizer, calibrationOf(optimizer))));
    say(`${optimizer.id}: ${optimizer.defaults.epsilon === undefined ? 'no epsilon' : `${settings.epsilons.length} epsilons`}`, measured);
  }
  return measured;
}

/** What the measurements share: one subject, its gradient, the seeds. */
class Study {
  readonly gradientNorm: number;
  readonly dimensions: number;
  readonly #seeds: readonly Seed[];

  private constructor(
    readonly meter: StepMeter,
    readonly arrays: Arrays,
    readonly loss: number,
    readonly settings: StudySettings,
  ) {
    const { parameters } = meter.subject;
    this.gradientNorm = parameters.norm(arrays.g);
    this.dimensions = parameters.trainable.reduce((sum, { count }) => sum + count, 0);
    this.#seeds = Array.from({ length: settings.samples }, (_, sample) => deriveSeed(settings.seed, sample));
  }

  static async begin(subject: EstimatorSubject, settings: StudySettings): Promise<Study> {
    const { parameters } = subject;
    const arrays = { g: parameters.allocateBuffers(), estimate: parameters.allocateBuffers(), sum: parameters.allocateBuffers() };
    const loss = await subject.context(settings.seed, { learningRate: NaN, epsilon: NaN }).gradient(arrays.g);
    const study = new Study(new StepMeter(subject), arrays, loss, settings);
    if (study.gradientNorm === 0) throw new UsageError(`the gradient has norm ${study.gradientNorm} here: there is nothing to estimate`);
    return study;
  }

  calibration(optimizer: Optimizer): Promise<Calibration> {
    const { estimate, sum } = this.arrays;
    const epsilon = optimizer.defaults.epsilon ?? NaN;
    return calibrate(this.meter, optimizer, epsilon, this.#seeds.slice(0, CALIBRATION_SEEDS), [estimate, sum]);
  }

  async estimator(family: string, { optimizer, queries }: Member, calibration: Calibration): Promise<EstimatorRow> {
    const epsilon = optimizer.defaults.epsilon ?? null;
    const settings = { learningRate: calibration.learningRate, epsilon: epsilon ?? NaN };
    const draws = await draw(this.meter, optimizer, settings, this.#seeds, this.arrays);
    return {
      optimizer: optimizer.id,
      family,
      queries,
      epsilon,
      samples: draws.length,
      ...meanPasses(draws),
      estimates: calibration.estimates,
      ...statisticsOf(draws, this.gradientNorm ** 2, calibration.estimates),
      gaussianVariance: queries === null ? null : gaussianVariance(this.dimensions, queries),
      gaussianCosine: queries === null ? null : gaussianCosine(this.dimensions, queries),
      learningRate: calibration.learningRate,
      rateDependence: calibration.rateDependence,
    };
  }

  epsilons(optimizer: Optimizer, { learningRate }: Calibration): Promise<EpsilonRow[]> {
    const grid = optimizer.defaults.epsilon === undefined ? [null] : this.settings.epsilons;
    return againstEpsilon(this.meter, optimizer, learningRate, grid, this.#seeds.slice(0, EPSILON_SAMPLES), this.arrays, this.loss);
  }
}

function meanPasses(draws: readonly Draw[]): Pick<EstimatorRow, 'forwards' | 'backwards'> {
  return { forwards: mean(draws.map(({ forwards }) => forwards)), backwards: mean(draws.map(({ backwards }) => backwards)) };
}

function missing(id: string): never {
  throw new Error(`optimizer ${id} was not calibrated`);
}
