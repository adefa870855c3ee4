/** What the workflow bundle holds. */
export { onboarding } from './onboarding.ts';
export { recovery } from './recovery/recovery.ts';
