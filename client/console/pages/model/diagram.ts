/** The layout of the state diagram: computed by the build, drawn by the pages. */

/** A box. Its id is a position: `emailPending`, or `emailPending.stalled`. */
export interface Box {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly description: string;
  /** Whether it contains the boxes of steps. */
  readonly isCompound: boolean;
}

export interface Line {
  readonly from: string;
  readonly to: string;
  /** Whether transitions lead in both directions. */
  readonly isTwoWay: boolean;
  /** The `d` attribute of an SVG path. */
  readonly path: string;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}

/** Horizontal for a wide screen, vertical for a narrow one. */
export interface Pictures {
  readonly wide: Picture;
  readonly narrow: Picture;
}
