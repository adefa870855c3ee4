/** `onward/embedded`: the facade and the worker, for a program that runs them in its own process beside its own Temporal client. */
export { Onward, type OnwardOptions } from '../client/onward.ts';
export * from '../client/errors.ts';
export { createClient, connect } from '../client/temporal/connect.ts';
export { createDataConverter } from '../client/temporal/data-converter.ts';
export { setup } from '../client/temporal/setup.ts';
export { encryptionKeys, policySettings, temporalSettings } from '../client/config/env.ts';
export { providerId, providerIdentity, providerSettings } from '../client/config/provider-settings.ts';
/** The connection of a worker, of the release of Temporal's SDK that Onward runs on. */
export { NativeConnection } from '@temporalio/worker';
export { createWorker, type OnwardWorker, type OnwardWorkerOptions } from './create-worker.ts';
export { ProviderError } from '../activities/provider-error.ts';
export type * from '../activities/contract.ts';
export type * from '../activities/verification-provider.ts';
