import { existsSync, rmSync } from 'node:fs';
import { oneLine } from '../engine/visible.js';
import { knownAs, saveModel } from '../models/index.js';
import type { OpenCell } from './open-cell.js';

/**
 * Saves what a cell trained, in the place of what an earlier run of it left there.
 * @returns lines that say why it could not be, for its result must not be lost with it.
 */
export function keepWeights(folder: string, { settings, model, checkpoint, adaptation }: OpenCell): string[] {
  try {
    rmSync(folder, { recursive: true, force: true });
    saveModel(folder, model, checkpoint, adaptation, knownAs(settings.model, checkpoint.folder));
    return [];
  } catch (error) {
    if (existsSync(folder)) rmSync(folder, { recursive: true });
    return [`the weights are not kept: ${oneLine(error instanceof Error ? error.message : String(error))}`];
  }
}
