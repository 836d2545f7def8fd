import type { CellRecord, Evaluation } from '../records/record.js';

// A record as rows of tables: one of all cells, one of all their steps.

export type Value = string | number | boolean | null;
export type Row = Record<string, Value>;

const MEASURED_COLUMNS = [
  ...['zeroShotDev', 'zeroShotTest', 'finalDev', 'finalTest'].flatMap((name) => [
    `${name}Score`,
    `${name}IntervalLow`,
    `${name}IntervalHigh`,
  ]),
  ...['finalStep', 'forwards', 'backwards', 'trainableParameters', 'totalParameters'],
  ...['stepMsMedian', 'stepMsP25', 'stepMsP75', 'peakBytes', 'runtimeBytes', 'aboveRuntimeBytes'],
  ...['dataSource', 'generatedData', 'taskVersion', 'metric', 'trainItems', 'devItems', 'testItems'],
  ...['checkpointSource', 'checkpointSha256', 'checkpointBundled', 'seedLog', 'warnings'],
  ...['demonstrationsDrawn', 'demonstrationsFewest', 'demonstrationsMean', 'probeC'],
];

/** Of a table with a row per cell. */
export const RESULT_COLUMNS = [
  ...['cell', 'state', 'model', 'task', 'template', 'scheme', 'optimizer', 'data', 'seed', 'steps', 'batchSize', 'accumulate', 'objective'],
  ...['learningRate', 'schedule', 'warmup', 'weightDecay', 'epsilon', 'prompt', 'candidates', 'label', 'testFile'],
  ...['trainSize', 'devSize', 'testSize', 'perClass', 'evaluateEvery', 'threads', 'backend', 'stream', 'timeoutSeconds'],
  ...MEASURED_COLUMNS,
  ...['seconds', 'startedAt', 'zobenchVersion', 'nodeVersion', 'backendVersion', 'commit'],
  ...['cpu', 'cores', 'machineMemoryBytes', 'platform', 'recordVersion', 'reason'],
];

/** Of a table with a row per cell and step. */
export const CURVE_COLUMNS = ['cell', 'model', 'task', 'scheme', 'optimizer', 'seed', 'step', 'forwards', 'loss', 'devScore'];

export type ColumnType = 'text' | 'flag' | 'integer' | 'real';

const TEXT = new Set([
  ...[
    'cell',
    'state',
    'model',
    'task',
    'template',
    'scheme',
    'optimizer',
    'data',
    'objective',
    'schedule',
    'prompt',
    'candidates',
    'label',
  ],
  ...['testFile', 'backend', 'stream', 'dataSource', 'metric', 'checkpointSource', 'checkpointSha256', 'seedLog', 'warnings', 'startedAt'],
  ...['zobenchVersion', 'nodeVersion', 'backendVersion', 'commit', 'cpu', 'platform', 'reason'],
]);
const FLAGS = new Set(['generatedData', 'checkpointBundled']);
const REAL =
  /(Score|IntervalLow|IntervalHigh)$|^(learningRate|warmup|weightDecay|epsilon|timeoutSeconds|forwards|stepMs.*|demonstrationsMean|probeC|seconds|loss)$/;

/** What a column's values are, where there is one. */
export function columnType(name: string): ColumnType {
  if (TEXT.has(name)) return 'text';
  if (FLAGS.has(name)) return 'flag';
  return REAL.test(name) ? 'real' : 'integer';
}

/** A cell's row; what it did not measure is absent or null. */
export function resultRow(record: CellRecord): Row {
  const { versions, machine } = record;
  return {
    ...record.settings,
    backend: record.settings.backend ?? 'cpu',
    stream: record.settings.stream ?? 'auto',
    cell: record.cell,
    state: record.state,
    ...(record.state === 'completed' ? measuredValues(record) : { reason: record.reason }),
    warnings: record.warnings?.join('; ') ?? null,
    seconds: record.seconds,
    startedAt: record.startedAt,
    zobenchVersion: versions.zobench,
    nodeVersion: versions.node,
    backendVersion: (record.state === 'completed' ? record.backend : undefined) ?? versions.backend,
    commit: versions.commit,
    cpu: machine.cpu,
    cores: machine.cores,
    machineMemoryBytes: machine.memoryBytes,
    platform: machine.platform,
    recordVersion: record.recordVersion,
  };
}

function measuredValues(record: Extract<CellRecord, { state: 'completed' }>): Row {
  return {
    ...scoreValues('zeroShotDev', record.zeroShot.dev),
    ...scoreValues('zeroShotTest', record.zeroShot.test),
    ...scoreValues('finalDev', record.final.dev),
    ...scoreValues('finalTest', record.final.test),
    finalStep: record.final.step,
    forwards: record.forwards,
    backwards: record.backwards,
    trainableParameters: record.trainableParameters,
    totalParameters: record.totalParameters,
    stepMsMedian: record.stepMs?.median ?? null,
    stepMsP25: record.stepMs?.p25 ?? null,
    stepMsP75: record.stepMs?.p75 ?? null,
    ...record.memory,
    dataSource: record.dataSource,
    generatedData: record.generatedData,
    taskVersion: record.taskVersion,
    metric: record.metric,
    trainItems: record.splits.train,
    devItems: record.splits.dev,
    testItems: record.splits.test,
    checkpointSource: record.checkpoint.source,
    checkpointSha256: record.checkpoint.sha256,
    checkpointBundled: record.checkpoint.bundled,
    seedLog: record.seedLog,
    demonstrationsDrawn: record.demonstrations?.drawn ?? null,
    demonstrationsFewest: record.demonstrations?.fewest ?? null,
    demonstrationsMean: record.demonstrations?.mean ?? null,
    probeC: record.probe?.c ?? null,
  };
}

function scoreValues(name: string, { score, interval }: Evaluation): Row {
  return { [`${name}Score`]: score, [`${name}IntervalLow`]: interval[0], [`${name}IntervalHigh`]: interval[1] };
}

/** Losses and dev scores of one cell, joined by step. */
export function curveRows({ cell, settings, curve, devCurve: devPoints = [] }: CellRecord): Row[] {
  const { model, task, scheme, optimizer, seed } = settings;
  const scores = new Map(devPoints.map(({ step, score }) => [step, score]));
  const steps = new Set(curve.map(({ step }) => step));
  const points = [...curve, ...devPoints.filter(({ step }) => !steps.has(step)).map((point) => ({ ...point, loss: null }))];
  return points
    .sort((a, b) => a.step - b.step)
    .map(({ step, forwards, loss }) => ({
      cell,
      model,
      task,
      scheme,
      optimizer,
      seed,
      step,
      forwards,
      loss,
      devScore: scores.get(step) ?? null,
    }));
}
