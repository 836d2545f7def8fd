import { join } from 'node:path';
import { z } from 'zod';
import { InputError, readTextIfThere } from '../../engine/index.js';

/** One figure of a memory study. */
export interface MemoryPoint {
  readonly optimizer: string;
  /** Tokens of a sequence. */
  readonly length: number;
  /** What training holds by prediction, or the peak of a process that was measured: one figure per repeat. */
  readonly kind: 'predicted' | 'measured';
  readonly peakMib: number;
}

/** A memory study's file in a run folder: a header, then `optimizer,length,kind,peakMib`, a line per figure. */
const FILE = 'memory-by-length.csv';
const row = z.tuple([z.string().min(1), z.coerce.number().positive(), z.enum(['predicted', 'measured']), z.coerce.number().positive()]);

/**
 * The figures in a run folder; none where it holds no study.
 * @throws InputError naming file and line.
 */
export function readMemoryStudy(folder: string): MemoryPoint[] {
  const file = join(folder, FILE);
  const text = readTextIfThere(file);
  if (text === undefined) return [];
  const lines = text.trim().split(/\r?\n/).slice(1);
  return lines.map((line, index) => {
    const parsed = row.safeParse(line.split(','));
    if (!parsed.success) throw new InputError(`${file}, line ${index + 2}: not "optimizer,length,kind,peakMib": ${line}`);
    const [optimizer, length, kind, peakMib] = parsed.data;
    return { optimizer, length, kind, peakMib };
  });
}
