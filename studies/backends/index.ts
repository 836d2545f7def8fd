export { checkBackendApart } from './apart.js';
