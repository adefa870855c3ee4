/** The machine as a picture, as the build lays it out and the pages draw it. */

/** A box. Its id is a place: `emailPending`, or `emailPending.stalled`. */
export interface Box {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly description: string;
  /** Whether steps stand inside. */
  readonly holds: boolean;
}

export interface Line {
  readonly from: string;
  readonly to: string;
  /** Whether it leads back as well. */
  readonly both: boolean;
  /** As SVG draws it. */
  readonly path: string;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}

/** Lying for a wide screen, standing for a narrow one. */
export interface Pictures {
  readonly wide: Picture;
  readonly narrow: Picture;
}
