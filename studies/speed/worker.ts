import { answerEach } from '../../processes/index.js';
import { measureStep } from './measure.js';

// Measures one configuration of a step in a process of its own.

answerEach(measureStep);
