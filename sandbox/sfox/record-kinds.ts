/**
 * The kind of a user's record: `usual`, or
 *
 * - `unsupported`: the provider does not serve the user
 * - `silent`: it mentions no requirement
 * - `documents`: it requires documents, too
 * - `tiers`: it has another shape, which the provider does not document
 */
export const RECORD_KINDS = ['usual', 'unsupported', 'silent', 'documents', 'tiers'] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

export function isRecordKind(value: unknown): value is RecordKind {
  return (RECORD_KINDS as readonly unknown[]).includes(value);
}
