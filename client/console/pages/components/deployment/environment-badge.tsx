import type { Principal } from 'onward/client';

/** Names the deployment, so that staging and production never look alike. */
export function EnvironmentBadge({ environment }: Pick<Principal, 'environment'>) {
  if (environment === null) return null;
  return (
    <span class={`environment ${environment.colour}`} role="note" aria-label={`Environment: ${environment.name}`}>
      {environment.name}
    </span>
  );
}
