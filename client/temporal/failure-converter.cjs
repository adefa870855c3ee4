'use strict';

const { DefaultFailureConverter } = require('@temporalio/common');

/** Messages and stack traces of failures become payloads, and so are encrypted as all others. Loaded by path, in the workflow's sandbox too: hence CommonJS. */
exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
