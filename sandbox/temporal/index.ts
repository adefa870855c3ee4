/** A Temporal development server: finds a binary, starts it with the arguments of `temporal-dev.yml`, and stops it. Linux and macOS. */
export { composeArguments } from './compose-file.ts';
export { findTemporal } from './find-binary.ts';
export { startTemporal, type StartTemporal, type TemporalServer } from './start-server.ts';
