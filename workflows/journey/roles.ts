/** The roles that a caller of the gateway can have. An operator may do what a viewer may. */
export const roles = ['app', 'viewer', 'operator'] as const;
export type Role = (typeof roles)[number];
