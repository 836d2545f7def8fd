import { z } from 'zod';
import { deriveSeed, operators, uniforms, unknownName } from '../engine/index.js';
import { count, positive } from '../options/index.js';
import { defineScheme } from './define.js';
import { saveAdapter } from './peft.js';

const { add, gemm, scale } = operators;

/** ZO-Bench's and MeZO's modules, as the families call them. */
const DEFAULTS: readonly string[] = ['q_proj+v_proj', 'query+value'];

/**
 * LoRA (Hu et al. 2021, arXiv:2106.09685, equation 3): y = W x + (alpha / r) B A x with A [r, inputs], B [outputs, r], by default in the
 * query and value projections; only A and B move. A starts as U(-1/sqrt(inputs), 1/sqrt(inputs)) (Kaiming's with a = sqrt 5), B as 0.
 */
export const lora = defineScheme({
  id: 'lora',
  options: {
    rank: count(8, 'r'),
    alpha: positive(16, 'the update B A counts alpha / rank times'),
    modules: z
      .string()
      .transform(canonical)
      .optional()
      .describe('linear layers, joined by +: q_proj+fc1 in OPT; by default the query and value projections'),
  },
  create({ rank, alpha, modules }) {
    const targets = modules?.split('+') ?? DEFAULTS.flatMap((pair) => pair.split('+'));
    const missing = (layers: readonly string[]) => targets.filter((module) => !layers.some((layer) => isCalled(layer, module)));
    return (seed) => ({
      hooks: {
        linear(scope, { name, inputs, outputs }, x, y) {
          if (!targets.some((module) => isCalled(name, module))) return y;
          const a = scope.parameter(`${name}.lora_A.weight`, [rank, inputs]);
          const b = scope.parameter(`${name}.lora_B.weight`, [outputs, rank]);
          return add(y, scale(gemm(gemm(x, a, { transposeB: true }), b, { transposeB: true }), alpha / rank));
        },
        checkLayers(names) {
          const [wrong] = missing(names);
          if (modules !== undefined && wrong !== undefined) throw unknownName('linear layer', wrong, shortest(names));
        },
      },
      trains: isAdded,
      adds: isAdded,
      initialise(name, shape, values) {
        if (!name.includes('.lora_A.')) return;
        const bound = (shape[1] ?? 1) ** -0.5;
        const uniform = uniforms(deriveSeed(seed, ...Buffer.from(name)));
        for (let i = 0; i < values.length; i++) values[i] = (2 * uniform() - 1) * bound;
      },
      save(folder, model, base) {
        const absent = missing(model.parameters.trainable.map(({ name }) => name.replace(FACTOR, '')));
        saveAdapter(folder, model, base, { rank, alpha, modules: targets.filter((module) => !absent.includes(module)) });
      },
    });
  },
});

const FACTOR = /\.lora_[AB]\.weight$/;
const isAdded = (parameter: string): boolean => FACTOR.test(parameter);

/** By its whole name or the last parts of it, as in PEFT. */
const isCalled = (layer: string, module: string): boolean => layer === module || layer.endsWith(`.${module}`);

/** One spelling of a set of modules: none for the default. */
function canonical(modules: string): string | undefined {
  const names = [...new Set(modules.split('+'))].sort().join('+');
  return DEFAULTS.includes(names) ? undefined : names;
}

/** The names by their last part, but for those that have it in common. */
function shortest(names: readonly string[]): readonly string[] {
  const last = (name: string): string => name.split('.').at(-1) ?? name;
  return names.map((name) => (names.filter((other) => last(other) === last(name)).length === 1 ? last(name) : name));
}
