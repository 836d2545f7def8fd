import { unadapted } from '../models/index.js';
import { defineScheme } from './define.js';

/** Full fine-tuning: every parameter moves; a head tied to the embedding is one parameter. */
export const full = defineScheme({ id: 'full', options: {}, create: () => () => unadapted });
