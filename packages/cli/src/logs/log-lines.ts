import type { FilteredLogEvent } from '@aws-sdk/client-cloudwatch-logs';
import type { Colour, Terminal } from '../render/terminal.ts';

const colours: readonly Colour[] = ['cyan', 'magenta', 'green', 'yellow', 'blue'];

/** Prints log events; each stream, which is a task's container, keeps a colour of its own. */
export class LogLines {
  readonly #terminal: Terminal;
  readonly #isJson: boolean;
  readonly #colours = new Map<string, Colour>();

  constructor(terminal: Terminal, isJson: boolean) {
    this.#terminal = terminal;
    this.#isJson = isJson;
  }

  print(event: FilteredLogEvent): void {
    if (this.#isJson) return this.#terminal.print(JSON.stringify(event));
    const { logStreamName = '', timestamp = 0, message = '' } = event;
    const time = this.#terminal.paint('dim', new Date(timestamp).toISOString().slice(11, 23));
    const stream = this.#terminal.paint(this.#colourOf(logStreamName), streamLabel(logStreamName));
    this.#terminal.print(`${time} ${stream} ${message.trimEnd()}`);
  }

  #colourOf(stream: string): Colour {
    const known = this.#colours.get(stream);
    const colour = known ?? colours[this.#colours.size % colours.length] ?? 'cyan';
    if (known === undefined) this.#colours.set(stream, colour);
    return colour;
  }
}

/** `prefix/container/task` is shown as container and the first characters of the task's id. */
export function streamLabel(stream: string): string {
  const [container, task] = stream.split('/').slice(-2);
  return container === undefined || task === undefined ? stream : `${container}/${task.slice(0, 8)}`;
}
