/**
 * Preloaded into the sandbox of the workflows, before anything else.
 *
 * The SDK captures a stack for each promise that a workflow makes, for a query that shows where it waits: ten frames, each looked
 * up in a source map, and kept as long as the promise waits. Ours tell where they stand by themselves (`status`, `timeline`), so
 * the innermost frames are enough: those that an error needs to be found.
 */
Error.stackTraceLimit = 4;
