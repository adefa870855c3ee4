import { onboarding } from '../../workflows/journey/machine.ts';
import { describeGuard } from './guard.ts';

/**
 * Generates `docs/journey.json`: the definition of the machine as a configuration that XState's `createMachine` and Stately's editor
 * read. Composed guards are named by their expression; the context and computed parameters are left out, since they are code.
 */
export function createDefinition(): string {
  return `${JSON.stringify(onboarding.config, toJson, 2)}\n`;
}

function toJson(key: string, value: unknown): unknown {
  if (key === 'guard') return typeof value === 'function' ? { type: describeGuard(value) } : value;
  return typeof value === 'function' ? undefined : value;
}
