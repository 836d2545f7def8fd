import type { Backend } from '../engine/index.js';
import {
  loadModel,
  loadTokenizer,
  modelFolder,
  openCheckpoint,
  paddingId,
  type Adaptation,
  type Checkpoint,
  type LanguageModel,
} from '../models/index.js';
import { loadOwnSchemes, schemeNamed, type TrainingFree } from '../schemes/index.js';
import { AnswerWriter, Engines, schemeSeed, type LoggedSteps } from '../training/index.js';
import { cellItems, type CellItems } from './items.js';
import type { CellSettings, CompletedRecord } from '../records/index.js';

/** What a cell works with. */
export interface OpenCell {
  readonly settings: CellSettings;
  readonly checkpoint: Checkpoint;
  readonly model: LanguageModel;
  readonly adaptation: Adaptation;
  readonly items: CellItems;
  readonly engines: Engines;
  readonly padId: number;
  readonly trainingFree: TrainingFree | undefined;
}

/** The part of a record that the cell itself knows. */
export type CellResult = Omit<
  CompletedRecord,
  'recordVersion' | 'cell' | 'settings' | 'places' | 'machine' | 'versions' | 'startedAt' | 'seconds' | 'state' | 'seedLog'
>;

type Facts =
  | 'warnings'
  | 'totalParameters'
  | 'memory'
  | 'dataSource'
  | 'generatedData'
  | 'taskVersion'
  | 'metric'
  | 'splits'
  | 'overlap'
  | 'checkpoint'
  | 'inputs';

/** What training, or what is done instead, came to; with the log of the steps where one can be kept. */
export type Judged = Omit<CellResult, Facts> & { readonly log: Omit<LoggedSteps, 'checkpoint'> | null };

/** Loads a cell's model and draws its items. Throws InputError, UsageError. */
export async function openCell(settings: CellSettings, backend: Backend): Promise<OpenCell> {
  await loadOwnSchemes([settings.scheme]);
  const scheme = schemeNamed(settings.scheme);
  const { trainingFree } = scheme;
  const checkpoint = openCheckpoint(modelFolder(settings.model));
  const tokenizer = loadTokenizer(checkpoint.folder);
  const adaptation = scheme.adaptation(schemeSeed(settings.seed));
  const model = await loadModel(checkpoint, adaptation, settings.stream);
  const shots = trainingFree?.method === 'in-context' ? trainingFree.shots : undefined;
  const items = await cellItems(settings, model, tokenizer, shots);
  const writer = items.task.metric === 'f1' ? new AnswerWriter(model, tokenizer) : undefined;
  const engines = new Engines(backend, model, settings.objective, writer);
  return { settings, checkpoint, model, adaptation, items, engines, padId: paddingId(tokenizer, model), trainingFree };
}
