import { bytesText, fixed } from '../../engine/quantities.js';
import { InputError } from '../../engine/errors.js';
import { cachedModelIds, bundledModelIds, knownModels, modelConfig, modelFolder, openCheckpoint } from '../../models/index.js';
import { resolveOptimizer } from '../../optimizers/index.js';
import { schemeNamed } from '../../schemes/index.js';
import { sizeOf } from '../../benchmarks/plan/index.js';
import { predictUsual, USUAL_TOKENS, processBytes } from '../../memory/index.js';

/** What the memory of a run is predicted for. */
const OPTIMIZERS = ['zo-sgd', 'fo-sgd', 'fo-adam'] as const;
const STEP = { batch: 16, accumulate: 1, tokens: USUAL_TOKENS };

const COLUMNS = ['model', 'where', 'parameters', 'weights', 'in float32', ...OPTIMIZERS];
const NOTE = `Predicted peak memory of full fine-tuning in float32, ${STEP.batch} texts of ${STEP.tokens} tokens, in which nothing is frozen to be streamed: from shapes (npx zobench memory says more).`;

/** The models that are here, in the Hugging Face cache or known, with what each takes on disk and to fine-tune. */
export async function modelTable(): Promise<{ columns: string[]; rows: string[][]; note: string }> {
  const cached = cachedModelIds();
  const absent = knownModels.filter(({ id }) => !cached.includes(id));
  const rows = [
    ...bundledModelIds.map((id) => rowOf(id, 'bundled')),
    ...cached.map((id) => rowOf(id, hasAll(id) ? 'cached' : 'cached in part')),
    ...absent.map(({ id }) => rowOf(id, 'on the hub')),
  ];
  return { columns: COLUMNS, rows: await Promise.all(rows), note: NOTE };
}

async function rowOf(id: string, where: string): Promise<string[]> {
  try {
    const [config, full] = [await modelConfig(id), schemeNamed('full')];
    const { parameters } = sizeOf(config, full);
    const peaks: string[] = [];
    for (const name of OPTIMIZERS)
      peaks.push(bytesText(processBytes(await predictUsual(config, full, await resolveOptimizer(name), STEP))));
    return [id, where, countText(parameters), weightsText(id, parameters), bytesText(4 * parameters), ...peaks];
  } catch (error) {
    if (error instanceof InputError) return [id, where, error.message];
    throw error;
  }
}

function hasAll(id: string): boolean {
  try {
    return modelFolder(id) !== '';
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

/** Bytes by element type: of the files where they are here, else as published. */
function weightsText(id: string, parameters: number): string {
  const known = knownModels.find((model) => model.id === id);
  const isHere = bundledModelIds.includes(id) || hasAll(id);
  if (isHere) return storedText(modelFolder(id));
  return known ? `${known.stored} ${bytesText(parameters * (known.stored === 'F32' ? 4 : 2))}` : '?';
}

function storedText(folder: string): string {
  const bytes = new Map<string, number>();
  for (const { dtype, byteLength } of openCheckpoint(folder).tensors.values()) bytes.set(dtype, (bytes.get(dtype) ?? 0) + byteLength);
  return [...bytes].map(([dtype, sum]) => `${dtype} ${bytesText(sum)}`).join(' + ');
}

const countText = (count: number): string => (count < 1e9 ? `${fixed(count / 1e6, 1)} M` : `${fixed(count / 1e9, 2)} B`);
