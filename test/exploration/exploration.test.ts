import { afterAll } from '@jest/globals';
import { forgetEdges } from './edges.ts';
import './delays.ts';
import './documents.ts';
import './logs.ts';
import './paths.ts';
import './positions.ts';

/** These tests share an exploration of the whole machine. To Jest they are one file, so that one process explores, and once. */
afterAll(forgetEdges);
