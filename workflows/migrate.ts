import type { Kept } from './keep.ts';
import { MACHINE_VERSION } from './machine.ts';

/** A journey that some version has kept: more than its version is known only by that version. */
export interface KeptOnce {
  readonly version: number;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * What turns a journey that was kept by each version into one of the next. A step is never changed once it is released; a new
 * version of the machine adds one, and `npm run histories` keeps snapshots for its test.
 */
const steps: { readonly [from: number]: (kept: Fields) => Fields } = {
  // Version 1 left `tells` out where nobody is told.
  1: (kept) => ({ ...kept, tells: kept['tells'] === true }),
};

/**
 * Brings a kept journey to the version of this code, step by step.
 *
 * Throws where this code is older than the journey, or knows no way: that is a fault of the deployment, which fails the
 * workflow's task, and the task is repeated until the right code is there.
 */
export function migrate(kept: KeptOnce): Kept {
  const { version } = kept;
  if (version === MACHINE_VERSION) return kept as Kept;
  const what = `this journey was kept by version ${version} of the machine, and this code has version ${MACHINE_VERSION}`;
  if (version > MACHINE_VERSION) throw new Error(`${what}: an older release cannot take it over`);
  const step = steps[version];
  if (step === undefined) throw new Error(`${what}: there is no way from one to the other`);
  return migrate({ ...step(kept as unknown as Fields), version: version + 1 });
}
