import { createLogUpdate } from 'log-update';
import type { Output } from './output.ts';

/** Shows a value that changes. */
export interface ChangeDisplay {
  /** Shows the value. `print` writes it to the output. */
  readonly show: (value: unknown, print: () => void) => void;
  /** Shows that the value cannot be read at the moment. */
  readonly showOutage: (detail: string) => void;
  readonly end: () => void;
}

/** Redraws in place on a terminal. In a pipe, it writes only what has changed: the lines that are new, or the whole document. */
export function createChangeDisplay(out: Output): ChangeDisplay {
  if (out.canRedraw) return redraw(out);
  return out.format === 'json' || out.format === 'yaml' ? appendDocuments(out) : appendLines(out);
}

function redraw(out: Output): ChangeDisplay {
  const draw = createLogUpdate(out.stream);
  let shown = '';
  return {
    show: (_, print) => draw((shown = out.capture(print).trimEnd())),
    showOutage: (detail) => draw(`${shown}\n${out.colours.yellow(`not current: ${detail}`)}`),
    end: () => draw.done(),
  };
}

function appendDocuments(out: Output): ChangeDisplay {
  let last = '';
  return {
    show: (value, print) => {
      // A reply that differs only in `asOf` has not changed.
      const next = JSON.stringify(value, (key, each: unknown) => (key === 'asOf' ? undefined : each));
      if (next === last) return;
      last = next;
      if (out.format === 'yaml') out.writeLine('---');
      print();
    },
    showOutage: () => {},
    end: () => {},
  };
}

function appendLines(out: Output): ChangeDisplay {
  let last: ReadonlySet<string> = new Set();
  return {
    show: (_, print) => {
      const lines = out.capture(print).split(/(?<=\n)/);
      out.write(lines.filter((line) => !last.has(line)).join(''));
      last = new Set(lines);
    },
    showOutage: () => {},
    end: () => {},
  };
}
