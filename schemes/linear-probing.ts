import { defineTrainingFree } from './define.js';

/**
 * Linear probing (MeZO: Malladi et al. 2023, arXiv:2305.17333): a multinomial logistic regression tells an item's class from what the
 * output embedding gets where the answer's first token is predicted. An intercept is fitted where the model's head has a bias.
 *
 * Deviation from the released code: the strength of the L2 penalty, of scikit-learn's ten, is chosen on the dev set instead of by
 * cross-validation. Where an answer is several tokens that code fits all of them and compares their probabilities; here it is one class.
 */
export const linearProbing = defineTrainingFree({ id: 'linear-probing', options: {}, create: () => ({ method: 'linear-probing' }) });
