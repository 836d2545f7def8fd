import { join } from 'node:path';

/** Real data and models that are no part of the repository: ZOBENCH_SHARED, or ../shared beside the project. */
export const sharedFolder = process.env.ZOBENCH_SHARED ?? join(import.meta.dirname, '../../../shared');
