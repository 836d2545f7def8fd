import { UsageError } from '../../engine/errors.js';
import { resolveOptimizer } from '../../optimizers/index.js';
import { answerEach } from '../../processes/index.js';
import { peakPredictor } from '../../memory/index.js';
import type { OptimizerQuestion } from './own-optimizers.js';

// Answers what a plan asks of an optimizer in a file of the user's own.

const predictPeak = peakPredictor();

answerEach(async (question: OptimizerQuestion) => {
  if (question.about === 'peak') return predictPeak(question.settings, question.items);
  try {
    const { id, order, cost, defaults, stateArrays } = await resolveOptimizer(question.file);
    return {
      traits: { id, order, cost, defaults, stateArrays },
      blocks: (question.trained && cost.perBlock?.blocks(question.trained)) ?? null,
    };
  } catch (error) {
    if (error instanceof UsageError) return { complaint: error.message };
    throw error;
  }
});
