/** Where a float32 array lies in a heap, in bytes: the number of its memory times 2^32, and its place there. */
export type Pointer = number;

/** Elements that are generated at a time: in the first-level cache. */
export const CHUNK = 4096;
