/** Request and output of the replay process: it reads a `ReplayRequest` as its argument and writes `ReplayLine`s as JSON lines. */

export type ReplayRequest = {
  /** Path of the workflow bundle; default: the bundle of the build. */
  readonly bundle?: string;
} & (
  | { /** Maximum number of open workflows. */ readonly limit: number }
  | {
      /** Folder with saved histories: `.binpb`, or `.json` as Temporal's CLI exports them. */ readonly folder: string;
    }
);

/** A workflow whose history the code cannot replay. */
export interface ReplayBreakage {
  readonly workflowId: string;
  readonly type: string;
  /** `null` if the workflow does not belong to a user. */
  readonly userId: string | null;
  /** The group in visibility, or the file name. */
  readonly place: string;
  /** The history event that does not match; `null` if the code throws or the history is unreadable. */
  readonly event: { readonly id: number; readonly type: string } | null;
  /** The cause, in plain language. */
  readonly cause: string;
}

export interface ReplayReport {
  readonly replayed: number;
  readonly broken: number;
  /** Total number of workflows, of which these are a sample. */
  readonly of: number;
}

export type ReplayLine =
  | { readonly kind: 'progress'; readonly replayed: number; readonly of: number }
  | ({ readonly kind: 'broken' } & ReplayBreakage)
  | ({ readonly kind: 'end' } & ReplayReport);
