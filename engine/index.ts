export * from './errors.js';
export * from './input-file.js';
export { isAbandoned, makeTemporaryFolder, removeLeftovers, requireTemporaryFolder } from './leftovers.js';
export { isRunning, ownedName, thisProcess } from './processes.js';
export { meantPath } from './near-path.js';
export { projectFolder } from './project.js';
export * from './quantities.js';
export { afterProcessorTime, processorMs, TimeUpError, withinTime } from './time-limit.js';
export { decodeText, LONGEST_TEXT_BYTES, readText, readTextIfThere } from './text-file.js';
export { visible, visibleLine } from './visible.js';
export { copyWhole, writeFileWhole, writeWhole, type Append } from './write-file.js';

export * from './graph/graph.js';
export * as operators from './graph/operators.js';
export * from './graph/stage.js';

export * from './sessions/session.js';
export * from './sessions/backend-names.js';
export { openBackend } from './sessions/backends.js';
export { cpuBackend } from './sessions/cpu.js';
export { loadTfjs } from './sessions/tfjs/bindings.js';
export { tfjsBackend } from './sessions/tfjs/tfjs.js';
export { webgpuBackend } from './sessions/webgpu.js';

export type { Heap } from './kernels/heap.js';
export * from './kernels/noise.js';
export * from './kernels/pointer.js';
export { RecyclingHeap } from './kernels/recycling-heap.js';
export type { Kernels } from './kernels/table.js';
export * from './kernels/wasm-heap.js';

export { matrixProgram, Program, program, type Application, type Formula } from './programs/program.js';

export * from './parameters/direction.js';
export * from './parameters/generated.js';
export * from './parameters/largest.js';
export * from './parameters/low-rank.js';
export * from './parameters/masks.js';
export * from './parameters/matrix-programs.js';
export { orthonormalVectors } from './parameters/orthonormal.js';
export * from './parameters/parameter.js';
export * from './parameters/parameters.js';
export * from './parameters/scores.js';
export { Temporary, type Binding } from './parameters/update.js';

export * from './execution/backward.js';
export * from './execution/calibration.js';
export * from './execution/grams.js';
export type { CountedTokens } from './execution/observed.js';
export * from './execution/forward.js';
export * from './execution/jvp.js';

export * from './memory-model/phantom.js';
