import { answerEach } from '../asked-worker.js';
import { measureMemory } from './measure.js';

// Measures one run's peak in a process of its own.

answerEach(measureMemory);
