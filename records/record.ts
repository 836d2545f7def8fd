import { z } from 'zod';
import { BACKENDS } from '../engine/sessions/backend-names.js';

/**
 * Raised when the meaning of a field changes, or a setting is added that older records do not say by its absence; results compare across versions of zobench that share it. Records of
 * the two versions before are read too (`upgrade.ts`); one of any other is not: the report names it as a problem, and its cell runs again.
 */
export const RECORD_VERSION = 5;

/** How the learning rate goes down over a run. */
export const SCHEDULES = ['constant', 'linear', 'cosine'] as const;

/** Where frozen weights are during a run: in memory as long as the model fits, always on disk, or never. */
export const STREAMINGS = ['auto', 'always', 'never'] as const;

/** What training minimises: the cross-entropy, or minus a metric of the batch, which has no derivative. */
export const OBJECTIVES = ['cross-entropy', 'accuracy', 'f1'] as const;

/** Whether a task is asked in words, as the model was pre-trained ("task alignment" in ZO-Bench), or not. */
export const TEMPLATES = ['aligned', 'plain'] as const;

const share = () => z.number().min(0).max(1);
const count = () => z.int().nonnegative();
const sha256 = () => z.string().regex(/^[0-9a-f]{64}$/, 'no SHA-256');

export const evaluationSchema = z.object({
  /** Share of examples answered rightly, 0 to 1; where `metric` is f1, the mean F1 of the answers' words. */
  score: share(),
  /** Where `metric` is f1, answers that match exactly. */
  correct: count(),
  total: z.int().positive(),
  /** 95 % Wilson score interval of the score; where `metric` is f1, of the mean by the normal approximation. */
  interval: z.tuple([share(), share()]),
});

/**
 * What a cell is run with, by names alone: a path would be another one on another machine. All of it but threads, stream and
 * timeoutSeconds is in the cell's hash.
 */
export const cellSettingsSchema = z.object({
  /** The name of a bundled model, an id on the hub, or the base name of a folder. */
  model: z.string(),
  /** A built-in task, or the base name of a file of the user's own, without its extension. */
  task: z.string(),
  template: z.enum(TEMPLATES),
  /** How a task of the user's own is asked, and the base name of its test items' file; null for built-in tasks, the last also where test items are split off. */
  prompt: z.string().nullable(),
  candidates: z.string().nullable(),
  label: z.string().nullable(),
  testFile: z.string().nullable(),
  scheme: z.string(),
  /** Its id with options, as it declares them. */
  optimizer: z.string(),
  /** `bundled` or `files`. */
  data: z.string(),
  seed: count(),
  steps: count(),
  /** Examples per step. */
  batchSize: count(),
  /** Micro-batches that a step's examples are run in, one after another. */
  accumulate: count(),
  objective: z.enum(OBJECTIVES),
  /** The largest of the run; null where nothing is trained: then the optimizer is `none`, and there are no steps. */
  learningRate: z.number().nullable(),
  schedule: z.enum(SCHEDULES),
  /** Share of the steps, the first ones, over which the learning rate rises. */
  warmup: z.number(),
  weightDecay: z.number(),
  /** Perturbation size of zeroth-order optimizers; null where the optimizer has none. */
  epsilon: z.number().nullable(),
  trainSize: count(),
  devSize: count(),
  testSize: count(),
  /** Train items of each class, and again so many dev items; null where both are drawn from all items alike. */
  perClass: z.int().nullable(),
  evaluateEvery: z.int(),
  threads: z.int(),
  /** What runs the model's graphs; absent where it is the CPU's ONNX Runtime. */
  backend: z.enum(BACKENDS).exclude(['cpu']).optional(),
  /** Absent where it is `auto`, and in records from before it could be set. */
  stream: z.enum(STREAMINGS).optional(),
  timeoutSeconds: z.number(),
});

/** Where this machine had what the settings name, as it was given; absent for what comes with zobench or from the hub. */
export const placesSchema = z.object({
  model: z.string().optional(),
  task: z.string().optional(),
  testFile: z.string().optional(),
  scheme: z.string().optional(),
  optimizer: z.string().optional(),
  data: z.string().optional(),
});

const fileHashes = z.record(z.string(), sha256());

/** What a cell was made of, as SHA-256; absent is what is not known. */
export const inputsSchema = z.object({
  /** Of config.json, the weights and the tokenizer's files, each. */
  model: fileHashes.optional(),
  /** Of the files that the items were read from, by their names below the data folder. */
  data: fileHashes.optional(),
  /** Of an optimizer, a scheme and a task in a file of the user's own code, as bundled with all that it imports. */
  optimizer: sha256().optional(),
  scheme: sha256().optional(),
  task: sha256().optional(),
  /** Of the task's prompts, candidates and scoring: `Task.version`; absent in records from before it was kept here. */
  taskVersion: z.int().optional(),
});

const curvePoint = z.object({
  step: z.int().positive(),
  /** Forward passes of the model spent so far; a backward pass is not counted here. */
  forwards: z.number().nonnegative(),
  loss: z.number(),
});

const devPoint = z.object({ step: count(), forwards: z.number().nonnegative(), score: share() });

const machine = z.object({ cpu: z.string(), cores: z.int(), memoryBytes: z.int(), platform: z.string() });

export const versionsSchema = z.object({ zobench: z.string(), node: z.string(), backend: z.string(), commit: z.string().nullable() });

const common = {
  recordVersion: z.literal(RECORD_VERSION),
  /** Hash of the settings; the record's file is named after it. */
  cell: z.string(),
  settings: cellSettingsSchema,
  places: placesSchema,
  inputs: inputsSchema,
  /** Fields of the model's configuration that were not regarded; absent where there are none, and in older records. */
  warnings: z.array(z.string()).optional(),
  machine,
  versions: versionsSchema,
  startedAt: z.iso.datetime(),
  seconds: z.number().nonnegative(),
};

const completed = z.object({
  ...common,
  state: z.literal('completed'),
  zeroShot: z.object({ dev: evaluationSchema, test: evaluationSchema }),
  /** Test score of the parameters that did best on dev. */
  final: z.object({ dev: evaluationSchema, test: evaluationSchema, step: count() }),
  /** Its answers, a character for each item of the test file: 1 right, 0 wrong, - not asked; absent in older records, and where answers have an F1. */
  testAnswers: z
    .string()
    .regex(/^[01-]+$/)
    .optional(),
  curve: z.array(curvePoint),
  devCurve: z.array(devPoint),
  forwards: z.number().nonnegative(),
  backwards: z.number().nonnegative(),
  trainableParameters: count(),
  totalParameters: count(),
  /** null where there were no steps. */
  stepMs: z.object({ median: z.number().nonnegative(), p25: z.number().nonnegative(), p75: z.number().nonnegative() }).nullable(),
  /** Of in-context learning: how many were drawn, and how many the context held before the test items, at least and on average. */
  demonstrations: z.object({ drawn: z.int(), fewest: z.int(), mean: z.number() }).optional(),
  /** Of linear probing: the inverse strength of the L2 penalty that did best on dev, and all that were tried. */
  probe: z.object({ c: z.number(), tried: z.array(z.object({ c: z.number(), devScore: z.number(), converged: z.boolean() })) }).optional(),
  memory: z.object({
    /** VmHWM of the cell's process. */
    peakBytes: count(),
    /** The same process once the runtime is loaded, before the model is. */
    runtimeBytes: count(),
    /** peakBytes - runtimeBytes. */
    aboveRuntimeBytes: count(),
  }),
  dataSource: z.string(),
  generatedData: z.boolean(),
  /** Raised when a task's prompts, candidates or scoring change. */
  taskVersion: z.int(),
  metric: z.enum(['accuracy', 'f1']),
  /** Items drawn; the test set has fewer than asked for where the data has. */
  splits: z.object({ train: count(), dev: count(), test: count() }),
  /** Training items of the data set that were left out, since a test item asks the same; absent where there were none. */
  overlap: z.int().positive().optional(),
  /** What ran the model's graphs, with its version, where that was not `versions.backend`. */
  backend: z.string().optional(),
  checkpoint: z.object({ source: z.string(), sha256: sha256(), bundled: z.boolean() }),
  /** File in the run folder that the final parameters can be made from again; null where the optimizer used more than losses. */
  seedLog: z.string().nullable(),
});

const ended = z.object({
  ...common,
  state: z.enum(['diverged', 'failed', 'out-of-memory', 'timed-out']),
  /** One line. */
  reason: z.string(),
  /** Loss curve up to the end, where there was one. */
  curve: z.array(curvePoint),
  /** Evaluations during training up to the end; absent in older records. */
  devCurve: z.array(devPoint).optional(),
});

/** What a cell leaves behind, by the form of its fields alone. */
export const recordFields = z.discriminatedUnion('state', [completed, ended]);

export type CellSettings = z.infer<typeof cellSettingsSchema>;
export type Places = z.infer<typeof placesSchema>;
export type Inputs = z.infer<typeof inputsSchema>;

export type Evaluation = z.infer<typeof evaluationSchema>;
export type CompletedRecord = z.infer<typeof completed>;
export type EndedRecord = z.infer<typeof ended>;
export type CellRecord = z.infer<typeof recordFields>;
