/** A peak that a paper gives, and the step that it is of. */
export interface PublishedPeak {
  /** On the hub. */
  readonly model: string;
  readonly optimizer: string;
  readonly batch: number;
  readonly sequence: number;
  readonly dtype: 'float16' | 'float32';
  /** As printed. */
  readonly gigabytes: number;
  readonly conditions: string;
  readonly source: string;
}

const mezo = (size: string, zeroth: number, first?: number): PublishedPeak[] => {
  const shared = { model: `facebook/opt-${size}`, batch: 1, sequence: 400, source: 'MeZO (arXiv:2305.17333), Table 22' };
  const conditions = 'MultiRC, batch 1, 400 tokens';
  const adam = `${conditions}; Adam in float32 is assumed`;
  return [
    { ...shared, conditions, optimizer: 'zo-sgd', dtype: 'float16', gigabytes: zeroth },
    ...(first === undefined ? [] : [{ ...shared, conditions: adam, optimizer: 'fo-adam', dtype: 'float32' as const, gigabytes: first }]),
  ];
};

const qzo = (model: string, first: number, zeroth: number): PublishedPeak[] => {
  const conditions = 'SST-2, batch 1; length not given, 64 tokens taken';
  const shared = { model, batch: 1, sequence: 64, dtype: 'float16' as const, conditions, source: 'QZO (arXiv:2505.13430v3), Table 1' };
  return [
    { ...shared, optimizer: 'zo-sgd', gigabytes: zeroth },
    { ...shared, optimizer: 'fo-sgd', gigabytes: first },
  ];
};

/** The peaks that were read in the papers themselves; one token is predicted in each, and no figure is known from hearsay alone. */
export const publishedPeaks: readonly PublishedPeak[] = [
  ...mezo('1.3b', 4, 27),
  ...mezo('2.7b', 7, 55),
  ...mezo('6.7b', 14, 156),
  ...mezo('13b', 26, 316),
  ...mezo('30b', 58, 633),
  ...mezo('66b', 128),
  ...qzo('facebook/opt-6.7b', 26.8, 14.8),
  ...qzo('meta-llama/Llama-2-7b-hf', 26, 14.8),
  ...qzo('meta-llama/Llama-3.1-8B', 31.9, 20.5),
];
