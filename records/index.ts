export { cellId } from './cell-id.js';
export { machineInfo, versionInfo } from './environment.js';
export { PACKED_RECORDS, packRecords, readRecordFile, readRecords } from './read.js';
export { recordSchema } from './record-schema.js';
export { recordedInputs } from './recorded-inputs.js';
export {
  OBJECTIVES,
  RECORD_VERSION,
  SCHEDULES,
  STREAMINGS,
  TEMPLATES,
  cellSettingsSchema,
  evaluationSchema,
  placesSchema,
  versionsSchema,
  type CellRecord,
  type CellSettings,
  type CompletedRecord,
  type EndedRecord,
  type Evaluation,
  type Inputs,
  type Places,
} from './record.js';
