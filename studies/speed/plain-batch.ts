import { floats, integers } from '../../engine/index.js';
import { HIDDEN, type LanguageModel } from '../../models/index.js';
import type { Batch, EncodedExample } from '../../tasks/index.js';

/**
 * The same choice as `choiceBatch`, computed the way the papers' code does: one right-padded sequence per candidate, logits at
 * every position. The step benchmark measures against it, and a test compares the results.
 */
export function plainChoiceBatch(model: LanguageModel, examples: readonly EncodedExample[], padId: number): Batch {
  const candidates = examples[0]?.branches.length ?? 0;
  if (examples.some(({ branches }) => branches.length !== candidates)) throw new Error('the plain way needs as many candidates everywhere');
  const texts = examples.flatMap(({ trunk, branches }) =>
    branches.map(({ tokens, scored }) => ({ tokens: [...model.architecture.virtualTokens, ...trunk, ...tokens], scored })),
  );
  const { attends } = model.architecture;
  const rows = texts.length;
  const sequence = Math.max(...texts.map(({ tokens }) => tokens.length));
  const ids = new Int32Array(rows * sequence).fill(padId);
  const depths = new Int32Array(rows * sequence).fill(-1);
  const bias = new Float32Array(rows * sequence * sequence).fill(HIDDEN);
  texts.forEach(({ tokens }, row) => {
    tokens.forEach((token, t) => {
      const position = row * sequence + t;
      ids[position] = token;
      depths[position] = t;
      for (let s = 0; s <= t; s++) if (attends(t - s)) bias[position * sequence + s] = 0;
    });
  });
  const targets = texts.flatMap(({ tokens, scored }, row) =>
    tokens
      .slice(-scored)
      .map((token, index) => ({ token, row, read: row * sequence + tokens.length - scored + index - 1, weight: 1 / scored })),
  );
  const weights = new Float32Array(rows * targets.length);
  targets.forEach(({ row, weight }, index) => (weights[row * targets.length + index] = weight));
  const answers = new Float32Array(rows);
  examples.forEach(({ answer }, example) => (answers[example * candidates + answer] = 1 / examples.length));
  const column = (values: readonly number[]) => integers([values.length], values);
  return {
    objective: 'choice',
    count: examples.length,
    right: examples.map(({ answer, alsoRight = [] }) => [answer, ...alsoRight]),
    tensors: {
      ...model.tokenInputs(ids, rows, sequence),
      attention_bias: floats([rows, sequence, sequence], bias),
      ...model.positionInputs(depths, rows, sequence),
      read_positions: column(Array.from({ length: rows * sequence }, (_, position) => position)),
      target_ids: column(targets.map(({ token }) => token)),
      target_reads: column(targets.map(({ read }) => read)),
      choice_weights: floats([examples.length, candidates, targets.length], weights),
      answers: floats([examples.length, candidates], answers),
      absent: floats([examples.length, candidates], new Float32Array(rows)),
    },
  };
}
