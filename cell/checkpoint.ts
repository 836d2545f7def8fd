import { dirname } from 'node:path';
import { z } from 'zod';
import { readText, writeFileWhole } from '../engine/index.js';
import { makeFolder } from '../engine/make-folder.js';
import { peakBytes } from '../processes/index.js';
import { evaluationSchema } from '../records/index.js';
import { scalarsSchema } from '../training/index.js';

/*
 * How far a cell is, so that another process can go on with it. Theta, the optimizer's state and the best parameters need no copy: what
 * the steps were told leads to them again, bit for bit, as in a seed log, without a forward pass. A cell whose optimizer is told more than
 * losses keeps nothing, and begins anew.
 */

const CHECKPOINT_VERSION = 1;

const point = z.object({ step: z.int(), forwards: z.number() });

const checkpointSchema = z.object({
  checkpointVersion: z.literal(CHECKPOINT_VERSION),
  /** Of what the cell was made of. */
  key: z.string(),
  /** Steps done. */
  step: z.int().positive(),
  forwards: z.number(),
  /** With all digits of the losses. */
  curve: z.array(point.extend({ loss: z.number() })),
  /** Without the evaluation before the first step. */
  devCurve: z.array(point.extend({ score: z.number() })),
  /** Milliseconds. */
  stepTimes: z.array(z.number()),
  zeroShot: z.object({ dev: evaluationSchema, test: evaluationSchema }),
  best: z.object({ step: z.int().nonnegative(), dev: evaluationSchema }),
  scalars: scalarsSchema,
  /** Of the trainable parameters after the last step. */
  parametersSha256: z.string(),
  /** Spent until now, by every process of the cell. */
  seconds: z.number(),
  /** The largest of them. */
  peakBytes: z.number(),
});

export type CellCheckpoint = z.infer<typeof checkpointSchema>;

/** The part that training knows. */
export type TrainedSoFar = Omit<CellCheckpoint, 'checkpointVersion' | 'key' | 'seconds' | 'peakBytes'>;

/** Where a cell keeps its checkpoint. */
export interface CheckpointPlace {
  readonly file: string;
  /** Says what the cell is made of: a checkpoint with another one is none of it. */
  readonly key: string;
}

/** The place that a worker's arguments name. */
export const checkpointPlace = ([file, key]: readonly string[]): CheckpointPlace | undefined =>
  file === undefined || key === undefined ? undefined : { file, key };

/** Of the cell's time: keeping a checkpoint takes no more of it. */
const LARGEST_SHARE = 0.02;

/** The checkpoints of one cell, of which the last one is there. */
export class CellCheckpoints {
  /** Where an earlier process of the cell was. */
  readonly earlier: CellCheckpoint | undefined;
  #dueMs: number;

  /**
   * @param place undefined keeps none.
   * @param shortestMs from one to the next, however little time they take.
   */
  constructor(
    readonly place?: CheckpointPlace,
    readonly shortestMs = 1000,
  ) {
    this.earlier = place && readCheckpoint(place);
    this.#dueMs = performance.now() + shortestMs;
  }

  /** Writes a checkpoint, whole or not at all, where one is due; `make` gives null where none can be made. */
  keep(make: () => TrainedSoFar | null): void {
    const start = performance.now();
    if (!this.place || start < this.#dueMs) return;
    const made = make();
    if (made) this.#write(this.place, made);
    const end = performance.now();
    this.#dueMs = end + Math.max(this.shortestMs, (end - start) / LARGEST_SHARE);
  }

  /** One that cannot be written, as where the disk is full, costs no more than the time of going on from an older one. */
  #write({ file, key }: CheckpointPlace, made: TrainedSoFar): void {
    const seconds = (this.earlier?.seconds ?? 0) + performance.now() / 1000;
    const peak = Math.max(this.earlier?.peakBytes ?? 0, peakBytes());
    const checkpoint: CellCheckpoint = { checkpointVersion: CHECKPOINT_VERSION, key, ...made, seconds, peakBytes: peak };
    try {
      makeFolder(dirname(file));
      writeFileWhole(file, JSON.stringify(checkpoint));
    } catch {
      // The next one may find room.
    }
  }
}

/** undefined where there is none that this cell can go on from. */
function readCheckpoint({ file, key }: CheckpointPlace): CellCheckpoint | undefined {
  try {
    const checkpoint = checkpointSchema.parse(JSON.parse(readText(file)));
    return checkpoint.key === key ? checkpoint : undefined;
  } catch {
    return undefined;
  }
}
