/** The caller of a command: the role and name of its token, or of the in-process caller. `onward` is the system itself. */
export interface Actor {
  readonly role: (typeof actorRoles)[number];
  readonly name: string;
}

export const actorRoles = ['app', 'operator', 'temporal', 'onward'] as const;
