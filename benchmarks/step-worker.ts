import { measureStep, type StepConfiguration } from './step-measure.js';

// Measures one configuration in a process of its own: it comes in as the first message, the result or the error goes out.

process.once('message', (configuration) => {
  void measureStep(configuration as StepConfiguration)
    .catch((error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }))
    .then((result) => process.send?.(result, () => process.exit(0)));
});
