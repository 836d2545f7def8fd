import { memoryAboveRuntime } from '../tables/measures.js';
import type { Claim } from './finding.js';
import { overSeeds, twoAtPlaces } from './places.js';
import { alignment, alignmentOfBoth, harderGap, loraSpread, memoryGap, queries, sparsities, spreadOverCells } from './contrasts.js';

/**
 * ZO-Bench's claims (Zhang et al. 2024, arXiv:2402.11592), each with the definition that decides it, which a reader is shown with the
 * verdict. A place is a model, its data, a task and one of the four schemes, asked in words and trained by cross-entropy. A change of a
 * definition or of a threshold is a change of the benchmark: it belongs in the changelog.
 */
export const claims: readonly Claim[] = [
  {
    id: 'zo-competitive',
    claim: 'ZO-SGD is competitive with FO-SGD on SST-2.',
    source: 'ZO-Bench, Table 2',
    definition: 'Test accuracy of zo-sgd minus that of fo-sgd at every place of SST-2, paired by seed: above −5 points.',
    unit: 'points',
    threshold: -5,
    side: 'above',
    contrast: (run) => overSeeds(twoAtPlaces(run, 'zo-sgd', 'fo-sgd', ({ task }) => task === 'sst2')),
  },
  {
    id: 'zo-variance',
    claim: 'ZO-SGD varies more than FO-SGD.',
    source: 'ZO-Bench, findings',
    definition: 'Standard deviation of test accuracy over the seeds, of zo-sgd minus of fo-sgd, at every place; over the places: above 0.',
    unit: 'points',
    threshold: 0,
    side: 'above',
    contrast: (run) => spreadOverCells(twoAtPlaces(run, 'zo-sgd', 'fo-sgd')),
  },
  {
    id: 'cons-stable',
    claim: 'ZO-SGD-Cons is stable.',
    source: 'ZO-Bench, Table 2 and Figure 1',
    definition:
      'Standard deviation of test accuracy over the seeds, of zo-sgd-cons minus of zo-sgd, at every place; over the places: below 1 point.',
    unit: 'points',
    threshold: 1,
    side: 'below',
    contrast: (run) => spreadOverCells(twoAtPlaces(run, 'zo-sgd-cons', 'zo-sgd')),
  },
  {
    id: 'mmt-stable',
    claim: 'ZO-SGD-MMT is stable.',
    source: 'ZO-Bench, Table 2 and Figure 1',
    definition:
      'Standard deviation of test accuracy over the seeds, of zo-sgd-mmt minus of zo-sgd, at every place; over the places: below 1 point.',
    unit: 'points',
    threshold: 1,
    side: 'below',
    contrast: (run) => spreadOverCells(twoAtPlaces(run, 'zo-sgd-mmt', 'zo-sgd')),
  },
  {
    id: 'sign-weak',
    claim: 'ZO-SGD-Sign is weak.',
    source: 'ZO-Bench, Table 2',
    definition:
      'Test accuracy of zo-sgd-sign (the stated rule, coordinate-wise) minus that of zo-sgd at every place, paired by seed: below 0.',
    unit: 'points',
    threshold: 0,
    side: 'below',
    contrast: (run) => overSeeds(twoAtPlaces(run, 'zo-sgd-sign', 'zo-sgd')),
  },
  {
    id: 'forward-grad-queries',
    claim: 'Forward-Grad is ahead of ZO-SGD with enough queries.',
    source: 'ZO-Bench, the study of the query budget',
    definition:
      'Test accuracy of forward-grad minus that of zo-sgd at the largest q of at least 4 that both were run with, at every place, paired by seed: above 0.',
    unit: 'points',
    threshold: 0,
    side: 'above',
    contrast: (run) => overSeeds(queries(run)),
  },
  {
    id: 'alignment-matters',
    claim: 'Zeroth-order methods need task alignment.',
    source: 'ZO-Bench, the table on task alignment',
    definition:
      'Test accuracy with the aligned template minus with the plain one, of zo-sgd and of zo-adam, at every place, paired by seed: above 0.',
    unit: 'points',
    threshold: 0,
    side: 'above',
    contrast: (run) => overSeeds(['zo-sgd', 'zo-adam'].flatMap((optimizer) => alignment(run, optimizer))),
  },
  {
    id: 'alignment-zo-more',
    claim: 'Task alignment matters more to ZO-SGD than to FO-SGD.',
    source: 'ZO-Bench, the table on task alignment',
    definition: 'What the aligned template gains zo-sgd minus what it gains fo-sgd, at every place, paired by seed: above 0.',
    unit: 'points',
    threshold: 0,
    side: 'above',
    contrast: alignmentOfBoth,
  },
  {
    id: 'lora-robust',
    claim: 'LoRA is the scheme that depends least on the optimizer.',
    source: 'ZO-Bench, Table 2',
    definition:
      "Standard deviation over ZO-Bench's zeroth-order optimizers (at least three) of a seed's test accuracies, under each other scheme minus under LoRA, for every model and task, paired by seed: above 0.",
    unit: 'points',
    threshold: 0,
    side: 'above',
    contrast: loraSpread,
  },
  {
    id: 'fo-ahead-harder',
    claim: 'First-order methods are further ahead on harder tasks.',
    source: 'ZO-Bench, Figure 1 and Table 3',
    definition:
      'Test accuracy of fo-sgd minus that of zo-sgd on COPA, and on WinoGrande, minus the same on SST-2, for every model and scheme, paired by seed: above 0.',
    unit: 'points',
    threshold: 0,
    side: 'above',
    contrast: harderGap,
  },
  {
    id: 'block-wise-helps',
    claim: 'Block-wise perturbation improves ZO-SGD.',
    source: 'ZO-Bench, the table on block-wise fine-tuning',
    definition:
      'Test accuracy of zo-sgd-block minus that of zo-sgd at every place, at the forward passes of the run, paired by seed: above 0.',
    unit: 'points',
    threshold: 0,
    side: 'above',
    contrast: (run) => overSeeds(twoAtPlaces(run, 'zo-sgd-block', 'zo-sgd')),
  },
  {
    id: 'sparsity-helps',
    claim: 'Moderate sparsity of the estimate improves ZO-SGD.',
    source: 'ZO-Bench, the study of gradient pruning',
    definition:
      'Test accuracy of zo-sgd:sparsity=s minus that of zo-sgd, for every s up to 0.5 that was run (none is picked), at every place, paired by seed: above 0.',
    unit: 'points',
    threshold: 0,
    side: 'above',
    contrast: sparsities,
  },
  {
    id: 'memory-fo',
    claim: 'FO-SGD takes more memory than ZO-SGD.',
    source: 'ZO-Bench, Table 2 and the efficiency table',
    definition:
      "Peak memory above the loaded runtime's, of fo-sgd over that of zo-sgd, less 100 %, at every place, paired by seed: above 0.",
    unit: '%',
    threshold: 0,
    side: 'above',
    contrast: (run) => overSeeds(twoAtPlaces(run, 'fo-sgd', 'zo-sgd'), { quantity: memoryAboveRuntime.of, combine: excess }),
  },
  {
    id: 'memory-adam',
    claim: 'ZO-Adam takes more memory than ZO-SGD under full fine-tuning.',
    source: 'ZO-Bench, Table 2',
    definition:
      "Peak memory above the loaded runtime's, of zo-adam over that of zo-sgd, less 100 %, at every place of full fine-tuning, paired by seed: above 0.",
    unit: '%',
    threshold: 0,
    side: 'above',
    contrast: (run) =>
      overSeeds(
        twoAtPlaces(run, 'zo-adam', 'zo-sgd', ({ scheme }) => scheme === 'full'),
        { quantity: memoryAboveRuntime.of, combine: excess },
      ),
  },
  {
    id: 'memory-length',
    claim: "FO-SGD's memory grows faster with the sequence than ZO-SGD's.",
    source: 'ZO-Bench, Figure 2',
    definition:
      'Measured peak memory of fo-sgd minus that of zo-sgd at the longest sequence of the memory study, minus the same at the shortest, over its repeats: above 0.',
    unit: 'MiB',
    threshold: 0,
    side: 'above',
    contrast: memoryGap,
  },
];

/** By how many per cent the first exceeds the second. */
function excess([first = NaN, second = NaN]: readonly number[]): number {
  return 100 * (first / second - 1);
}
