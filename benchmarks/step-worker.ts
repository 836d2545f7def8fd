import { answerEach } from './asked-worker.js';
import { measureStep } from './step-measure.js';

// Measures one configuration of a step in a process of its own.

answerEach(measureStep);
