/** What the workflow bundle holds. */
export { onboarding } from './onboarding.ts';
