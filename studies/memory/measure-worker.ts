import { answerEach } from '../../processes/index.js';
import { measureMemory } from './measure.js';

// Measures one run's peak in a process of its own.

answerEach(measureMemory);
