import { peakBytes } from '../../processes/peak-memory.js';
import { loadModel, openCheckpoint, unadapted } from '../../models/index.js';

// A program of its own, whose peak memory is the loading's: prints how far it rose, and the bytes of the parameters.

const before = peakBytes();
const { parameters } = await loadModel(openCheckpoint(process.argv[2] ?? ''), unadapted);
const bytes = parameters.all.reduce((sum, { count }) => sum + 4 * count, 0);
console.log(JSON.stringify({ rose: peakBytes() - before, bytes }));
