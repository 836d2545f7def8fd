import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Small models of every family with the numbers of the reference implementation, made by scripts/reference-fixtures.py. */
const ownFixtures = join(import.meta.dirname, '../models/fixtures/reference');

/** A folder of larger ones: ZOBENCH_FIXTURES, or ../shared/fixtures beside the project. */
export const fixturesFolder = process.env.ZOBENCH_FIXTURES ?? join(import.meta.dirname, '../../../shared/fixtures');

export interface FixtureCase {
  input_ids: number[][];
  attention_mask: number[][];
  labels: number[][];
  logits_row: { row: number; positions: number[]; logits: number[][] };
  logits_points: { row: number; pos: number; logits: number[] }[];
  logits_sum_real_positions: number;
  num_label_tokens: number;
  loss: number;
  grads: Record<string, { first8: number[]; l2: number; max_index: number; max_value: number }>;
  grad_l2_all: Record<string, number>;
  directional_derivative: number;
  central_difference: Record<string, { loss_plus: number; loss_minus: number; projected_grad: number }>;
}

export interface Fixture {
  name: string;
  folder: string;
  modelType: string;
  cases: Record<string, FixtureCase>;
}

/** Every model folder with expected numbers: the project's own, and those that are there beside it. */
export const fixtures = (): Fixture[] => [...fixturesIn(ownFixtures), ...fixturesIn(fixturesFolder)];

function fixturesIn(parent: string): Fixture[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((name) => existsSync(join(parent, name, 'expected.json')))
    .map((name) => {
      const folder = join(parent, name);
      const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));
      const { cases } = read('expected.json') as { cases: Record<string, FixtureCase> };
      return { name, folder, modelType: (read('config.json') as { model_type: string }).model_type, cases };
    });
}
