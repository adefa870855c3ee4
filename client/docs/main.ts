import { writeFile } from 'node:fs/promises';
import { createCliPage } from './cli-page.ts';
import { createDefinition } from './definition.ts';
import { createErrorsPage } from './errors-page.ts';
import { createJourneyPage } from './journey-page.ts';

/** `npm run docs`: writes the pages generated from the machine, the catalogue of errors and the CLI, and the machine's definition. */
await writeFile('docs/journey.md', createJourneyPage());
await writeFile('docs/journey.json', createDefinition());
await writeFile('docs/errors.md', createErrorsPage());
await writeFile('docs/cli.md', createCliPage());
