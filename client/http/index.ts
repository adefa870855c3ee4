/** Onward over HTTP, for any Node process: types of the gateway, and none of its packages. */
export { OnwardClient, type ClientOptions } from './client.ts';
export { Problem } from './problem.ts';
export { finalStates } from './watch.ts';
export type * from './types.ts';
