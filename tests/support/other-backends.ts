import { loadTfjs, tfjsBackend, webgpuBackend, type Backend } from '../../engine/index.js';

async function unlessAbsent(open: () => Promise<Backend>): Promise<Backend[]> {
  try {
    return [await open()];
  } catch (error) {
    console.log(`skipped: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

/** The backends beside the CPU's that can be had here. */
export async function otherBackends(): Promise<readonly Backend[]> {
  const wanted = [webgpuBackend, () => tfjsBackend('wasm'), () => tfjsBackend('node')];
  const found: Backend[] = [];
  for (const open of wanted) found.push(...(await unlessAbsent(open)));
  return found;
}

/** Tensors that TensorFlow.js holds. */
export const heldTensors = async (): Promise<number> => (await loadTfjs('wasm')).tf.memory().numTensors;
