import { createHash } from 'node:crypto';
import { visible } from '../../engine/visible.js';
import type { CellSettings, Inputs, Places } from '../../records/index.js';

/** One run of the grid, in a process of its own. */
export interface Cell {
  /** Hash of the settings; names the record's file. */
  readonly id: string;
  /** By names alone: the same on every machine. */
  readonly settings: CellSettings;
  /** Where here is what the names stand for. */
  readonly places: Places;
  /** What the cell is made of, as far as it is on this machine. */
  readonly inputs: Inputs;
  /** What nobody here knows of the model's configuration, a line each; absent where there is nothing. */
  readonly warnings?: readonly string[];
}

/** The settings with paths in the place of names: what opens something takes these. */
export const located = ({ settings, places }: Pick<Cell, 'settings' | 'places'>): CellSettings => Object.assign({}, settings, places);

/** "opt-mini sst2 lora zo-sgd seed 0"; the template is named where it is not the usual one. */
export function cellTitle({ model, task, template, scheme, optimizer, seed }: CellSettings): string {
  return visible(`${model} ${task}${template === 'aligned' ? '' : ` ${template}`} ${scheme} ${optimizer} seed ${seed}`);
}

/** Names a folder after what is in it: a letter and the first 8 hex digits of the text's SHA-256. */
export const folderHash = (text: string): string => `h${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
