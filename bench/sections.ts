import { gatewaySection } from './gateway/section.ts';
import { exactSection } from './exact/section.ts';
import { reconcileSection } from './reconcile/section.ts';
import { rivalsSection } from './rivals/section.ts';
import type { Section } from './section.ts';
import { idleSections } from './scale/idle-section.ts';
import { openSections } from './scale/open-section.ts';
import { twinSection } from './twin/section.ts';
import { whatIfSection } from './what-if/section.ts';

/** The sections of the benchmark, in the order of the page. */
export const sections: readonly Section[] = [
  exactSection,
  twinSection,
  gatewaySection,
  rivalsSection,
  reconcileSection,
  whatIfSection,
  ...idleSections,
  ...openSections,
];
