/** What a replay is asked for, and what it tells: a process of its own reads the first as its argument, and writes the second as lines of JSON. */

export type ReplayRequest = {
  /** The bundle of workflow code; that of the build where there is none. */
  readonly bundle?: string;
} & (
  | { /** At most so many of what is open. */ readonly limit: number }
  | {
      /** Histories that were kept: `.binpb`, or `.json` as Temporal's command line shows one. */ readonly folder: string;
    }
);

/** A workflow that the code does not replay. */
export interface Broken {
  readonly workflowId: string;
  readonly type: string;
  /** `null` where it is no user's. */
  readonly userId: string | null;
  /** Where visibility, or the file, has it. */
  readonly place: string;
  /** The event of its history that does not fit; `null` where the code fails, or reads nothing. */
  readonly event: { readonly id: number; readonly type: string } | null;
  /** In plain words. */
  readonly why: string;
}

export interface Replayed {
  readonly replayed: number;
  readonly broken: number;
  /** How many there are, of which these are a sample. */
  readonly of: number;
}

export type ReplayLine =
  | { readonly tells: 'progress'; readonly replayed: number; readonly of: number }
  | ({ readonly tells: 'broken' } & Broken)
  | ({ readonly tells: 'end' } & Replayed);
