/** A development Temporal server: finds a binary, starts it with the arguments of `temporal-dev.yml`, stops it. For Linux and macOS. */
export { composeArguments } from './compose.ts';
export { findTemporal } from './find.ts';
export { startTemporal, type TemporalServer } from './start.ts';
