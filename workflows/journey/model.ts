import { defineModel } from '../engine/core/model.ts';
import { parseContext } from './stored/parse-context.ts';
import { effects } from './machine/effects.ts';
import { MACHINE_VERSION, onboarding } from './machine.ts';
import { migrations } from './stored/migrations.ts';
import { parseLog } from './stored/parse-log.ts';
import { eventEntry, startEntry } from './status/timeline.ts';
import { appendEntry } from './stored/log.ts';
import type { LogEntry } from './stored/log.ts';

/** The onboarding machine with its effects, migrations and log. */
export const journeyModel = defineModel<typeof onboarding, typeof effects, LogEntry>({
  machine: onboarding,
  effects,
  version: MACHINE_VERSION,
  migrations,
  parseContext,
  log: {
    start: (input) => appendEntry(input.restarted?.carried?.log ?? [], startEntry(input)),
    append: (log, event, { context }, at) => appendEntry(log, eventEntry(event, at, context)),
    parse: parseLog,
  },
});
