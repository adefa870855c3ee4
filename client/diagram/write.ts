import { readFile, writeFile } from 'node:fs/promises';
import { journeyDocument, withPicture } from './document.ts';

/** `npm run docs`: writes what is generated from the machine. */
await writeFile('docs/journey.md', journeyDocument());
await writeFile('README.md', withPicture(await readFile('README.md', 'utf8')));
