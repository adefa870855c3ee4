/**
 * Preloaded into the workflow sandbox before everything else.
 *
 * The SDK captures a stack trace for each promise of a workflow, for the `__stack_trace` query: ten frames, each looked up in
 * a source map and retained while the promise is pending. Our workflows report their position themselves (`status`,
 * `timeline`), so the innermost frames, which locate an error, are enough.
 */
Error.stackTraceLimit = 4;
