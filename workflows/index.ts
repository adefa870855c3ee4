/** What the workflow bundle holds. */
export { checkup } from './checkup.ts';
export { onboarding } from './onboarding.ts';
