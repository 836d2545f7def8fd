import { unadapted } from '../models/index.js';
import type { Scheme } from './scheme.js';

/** Full fine-tuning: every parameter moves; a head tied to the embedding is one parameter. */
export const full: Scheme = {
  id: 'full',
  adaptation: () => unadapted,
};
