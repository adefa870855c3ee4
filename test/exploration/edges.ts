import { edgesFrom, initialInputs } from '../../client/docs/explore.ts';
import type { Edge } from '../../client/docs/explore.ts';

let edges: readonly (readonly Edge[])[] | undefined;

/** The edges that are reachable from each input. The exploration takes 20 s of CPU. */
function edgesOfInputs(): readonly (readonly Edge[])[] {
  edges ??= initialInputs().map(edgesFrom);
  return edges;
}

/** Every edge. */
export const allEdges = (): readonly Edge[] => edgesOfInputs().flat();

/** Every edge that is reachable from the first input. */
export const firstEdges = (): readonly Edge[] => edgesOfInputs()[0] ?? [];

/** Frees the memory, more than a gigabyte: a process that has to free it at its end takes longer than Jest waits. */
export function forgetEdges(): void {
  edges = undefined;
}
