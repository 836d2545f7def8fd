import { float32Of, type Tensors } from '../engine/index.js';
import { saveWeights, type LanguageModel } from '../models/index.js';
import { savePrefix } from './peft.js';
import type { PrefixVectors, Which } from './prefix-vectors.js';

/**
 * Writes a prefix as PEFT reads it, where PEFT can have it: there a text's places begin behind the prefix, here at 0. Where places are
 * turns of keys, the prefix's are turned on by its length, and all is as it was. Places that are learned, and a window that would leave
 * the prefix behind, have no such way: then what was trained is written alone, by the names that it has here.
 */
export function savePrefixes(folder: string, model: LanguageModel, base: string, vectors: PrefixVectors, length: number): void {
  const { attends, dimensions, positionInputs } = model.architecture;
  const turn = positionInputs(new Int32Array([length]), 1, 1);
  const seesAll = attends(dimensions.maxLength + length - 1);
  if (!('rotary_cosines' in turn) || !seesAll) {
    saveWeights(folder, model, model.parameters.trainable, 'F32');
    return;
  }
  const columns = layersOf(model).flatMap((values) =>
    WHICH.map((which) => (which === 'keys' ? turned(vectors.valuesOf(values, which), turn) : vectors.valuesOf(values, which))),
  );
  const width = columns.length * dimensions.keyHeads * dimensions.headSize;
  savePrefix(folder, model, base, { tokens: length, width, values: sideBySide(columns, length) });
}

const WHICH: readonly Which[] = ['keys', 'values'];

/** For each layer the values of its parameters, or of those that all layers share, by the end of a name. */
function layersOf({ architecture, parameters }: LanguageModel): ((end: string) => Float32Array)[] {
  return Array.from({ length: architecture.dimensions.layers }, (_, layer) => (end: string) => {
    const isHere = (stage: string): boolean => stage === `block.${layer}` || !stage.startsWith('block.');
    const found = parameters.trainable.find(({ name, stage }) => name.endsWith(end) && isHere(stage));
    if (!found) throw new Error(`layer ${layer} has no ${end}`);
    return parameters.values(found);
  });
}

/** Keys [length, heads * size], each head's turned by the angles of one place, as LLaMA turns them. */
function turned(keys: Float32Array, turn: Tensors): Float32Array {
  const [cosines, sines] = [float32Of(turn, 'rotary_cosines'), float32Of(turn, 'rotary_sines')];
  const size = cosines.length;
  return keys.map((key, at) => {
    const i = at % size;
    const partner = keys[at - i + ((i + size / 2) % size)] ?? NaN;
    return key * (cosines[i] ?? NaN) + partner * (sines[i] ?? NaN);
  });
}

/** Arrays of so many rows each as the columns of one. */
function sideBySide(columns: readonly Float32Array[], rows: number): Float32Array {
  return Float32Array.from(
    Array.from({ length: rows }, (_, row) =>
      columns.flatMap((column) => [...column.subarray((row * column.length) / rows, ((row + 1) * column.length) / rows)]),
    ).flat(),
  );
}
