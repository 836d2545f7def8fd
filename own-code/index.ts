export { importOwnCode, isOwnCode, ownCodeFile, ownCodeSha256 } from './own-module.js';
