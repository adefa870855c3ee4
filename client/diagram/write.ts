import { readFile, writeFile } from 'node:fs/promises';
import { errorsDocument } from '../gateway/document.ts';
import { journeyDocument, withPicture } from './document.ts';

/** `npm run docs`: writes what is generated from the machine and from the catalogue of errors. */
await writeFile('docs/journey.md', journeyDocument());
await writeFile('docs/errors.md', errorsDocument());
await writeFile('README.md', withPicture(await readFile('README.md', 'utf8')));
