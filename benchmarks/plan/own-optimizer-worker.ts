import { UsageError } from '../../engine/errors.js';
import { resolveOptimizer } from '../../optimizers/index.js';
import { loadOwnSchemes, schemeNamed } from '../../schemes/index.js';
import { taskOf } from '../../tasks/index.js';
import { answerEach } from '../../processes/index.js';
import { peakPredictor } from '../../memory/index.js';
import type { OptimizerQuestion } from './own-optimizers.js';

// Answers what a plan asks of an optimizer in a file of the user's own.

const predictPeak = peakPredictor();
const NO_PROMPT = { prompt: null, candidates: null, label: null, testFile: null };

answerEach(async (question: OptimizerQuestion) => {
  try {
    if (question.about === 'peak') {
      await loadOwnSchemes([question.settings.scheme]);
      return await predictPeak(question.settings, question.items);
    }
    if (question.about === 'scheme') {
      await loadOwnSchemes([question.file]);
      const scheme = schemeNamed(question.file);
      scheme.adaptation(0);
      return { loaded: scheme.id };
    }
    if (question.about === 'task') return { loaded: (await taskOf(question.file, NO_PROMPT)).id };
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
