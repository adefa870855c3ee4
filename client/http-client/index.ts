/** The HTTP client, for Node and browsers. It uses the gateway's types and none of its packages. */
export { OnwardClient, type ClientOptions } from './client.ts';
export { Problem } from './problem.ts';
export { finalStates } from './subscribe.ts';
export type * from './types.ts';
