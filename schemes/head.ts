import { unadapted } from '../models/index.js';
import { defineScheme } from './define.js';

/** The output embedding and, where there is one (RoBERTa), its bias; not what RoBERTa's head does before it. */
const HEAD = /^lm_head\.(decoder\.)?(weight|bias)$/;

/**
 * Head tuning: the output embedding alone moves (ZO-Bench: Zhang et al. 2024, arXiv:2402.11592; MeZO's linear probing of generation
 * tasks). All that comes before it is computed once for all points of a step.
 *
 * Deviation from the released code: where the model ties it to the input embedding, it is untied first, a copy of its own. That code
 * perturbs and moves the shared tensor, and with it the input of every layer.
 */
export const head = defineScheme({
  id: 'head',
  options: {},
  create: () => () => ({ ...unadapted, hooks: { untiesHead: true }, trains: (parameter) => HEAD.test(parameter) }),
});
