/** What the workflow bundle holds. */
export { checkup } from './checkup.ts';
export { operation } from './operation/operation.ts';
export { onboarding } from './onboarding.ts';
export { pulse } from './pulse/pulse.ts';
export { statusChange } from './status-change.ts';
export { recovery } from './recovery/recovery.ts';
