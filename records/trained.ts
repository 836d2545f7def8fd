import type { CellSettings } from './record.js';

/** Whether an optimizer trains a cell. */
export const isTrained = ({ learningRate }: Pick<CellSettings, 'learningRate'>): boolean => learningRate !== null;
