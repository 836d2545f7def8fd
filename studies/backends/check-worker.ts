import type { BackendName } from '../../engine/index.js';
import { answerEach } from '../../processes/index.js';
import { checkBackend } from './check.js';

answerEach((backend: { readonly name: BackendName }) => checkBackend(backend.name));
