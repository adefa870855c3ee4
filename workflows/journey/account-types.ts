export const accountTypes = ['individual', 'business'] as const;
export type AccountType = (typeof accountTypes)[number];
