import { doorsSection } from './doors/section.ts';
import { exactSection } from './exact/section.ts';
import { gainsSection } from './gains/section.ts';
import { rivalsSection } from './rivals/section.ts';
import type { Section } from './section.ts';
import { idleSections } from './scale/idle-section.ts';
import { openSections } from './scale/open-section.ts';
import { settingsSection } from './settings/section.ts';
import { twinSection } from './twin/section.ts';

/** What `npm run bench` measures, in this order. */
export const sections: readonly Section[] = [
  exactSection,
  twinSection,
  doorsSection,
  rivalsSection,
  gainsSection,
  settingsSection,
  ...idleSections,
  ...openSections,
];
