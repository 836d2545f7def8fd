import { ownCodeFile } from '../../own-code/index.js';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { firstIssue, UsageError } from '../../engine/errors.js';
import type { ParameterPlace } from '../../engine/index.js';
import { traitsSchema } from '../../optimizers/index.js';
import type { CellSettings } from '../../records/index.js';
import { AskedProcess } from '../../processes/index.js';
import type { Catalog } from './catalog.js';
import type { OptimizerTraits } from '../../optimizers/index.js';
import { oneLine } from '../../engine/visible.js';
import type { JudgedItems } from '../../memory/index.js';

// What a plan asks of optimizers in files of the user's own. Each answers in a process of its own, within a time: such a file may loop, end
// its process, or hold what others need.

/** What such a process is asked; the answer may also be `{ complaint }`. */
export type OptimizerQuestion =
  | { readonly about: 'traits'; readonly file: string; readonly trained: readonly ParameterPlace[] | null }
  | { readonly about: 'scheme'; readonly file: string }
  | { readonly about: 'task'; readonly file: string }
  | { readonly about: 'peak'; readonly file: string; readonly settings: CellSettings; readonly items: JudgedItems };

const FAILURES = {
  traits: 'optimizer file FILE cannot be loaded',
  scheme: 'scheme file FILE cannot be loaded',
  task: 'task file FILE cannot be loaded',
  peak: 'optimizer file FILE: its memory cannot be predicted',
} as const;

const complaint = z.object({ complaint: z.string() });
/** blocks: of the parameters that are trained, where they were given and count. */
const traitsAnswer = z.object({ traits: traitsSchema, blocks: z.number().nonnegative().nullable() });
const loadedAnswer = z.object({ loaded: z.string() });
const peakAnswer = z.object({ bytes: z.number().positive(), refusal: z.string().exactOptional() });

const worker = fileURLToPath(new URL(`./own-optimizer-worker${extname(import.meta.url)}`, import.meta.url));
const LIMIT_SECONDS = 30;

/** Answers for own optimizers by file. All are kept, and throw UsageError in one line with the file. */
export function ownOptimizers(limitSeconds = LIMIT_SECONDS) {
  const processOf = kept(() => new AskedProcess(worker, { limitSeconds }));
  const ask = async <Answer>(question: OptimizerQuestion, schema: z.ZodType<Answer>): Promise<Answer> => {
    const { file, about } = question;
    const refuse = (why: string) => new UsageError(`${FAILURES[about].replace('FILE', ownCodeFile(file))}: ${why}`);
    const heard = await processOf(file)
      .ask(question)
      .catch((error: unknown) => {
        throw refuse(oneLine((error as Error).message));
      });
    const complained = complaint.safeParse(heard).data;
    if (complained) throw new UsageError(complained.complaint);
    const parsed = schema.safeParse(heard);
    if (!parsed.success) throw refuse(firstIssue(parsed.error));
    return parsed.data;
  };
  const traitsFor = kept(async (key: string) => {
    const [file, trained] = JSON.parse(key) as [string, readonly ParameterPlace[] | null];
    return withBlocks(await ask({ about: 'traits', file, trained }, traitsAnswer));
  });
  return {
    /** Loads a scheme or a task there, to see that it can be. */
    tried: async (about: 'scheme' | 'task', file: string): Promise<void> => {
      await ask({ about, file }, loadedAnswer);
    },
    traits: async (file: string, trained?: readonly ParameterPlace[]): Promise<OptimizerTraits> => {
      const traits = await traitsFor(JSON.stringify([file, null]));
      return trained && traits.cost.perBlock ? traitsFor(JSON.stringify([file, trained])) : traits;
    },
    peak: ((settings, items) =>
      ask({ about: 'peak', file: settings.optimizer, settings, items }, peakAnswer)) satisfies Catalog['predictPeak'],
  };
}

function withBlocks({ traits, blocks }: z.output<typeof traitsAnswer>): OptimizerTraits {
  const { perBlock, ...cost } = traits.cost;
  // What came as JSON has no member that is undefined.
  return { ...traits, cost: { ...cost, ...(perBlock && { perBlock: { ...perBlock, blocks: () => blocks ?? NaN } }) } } as OptimizerTraits;
}

function kept<Value>(make: (key: string) => Value): (key: string) => Value {
  const all = new Map<string, Value>();
  return (key) => {
    const value = all.get(key) ?? make(key);
    all.set(key, value);
    return value;
  };
}
