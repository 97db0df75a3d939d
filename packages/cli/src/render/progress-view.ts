import type { StackEvent } from '@aws-sdk/client-cloudformation';
import type { Progress } from '../deploy/progress.ts';
import { isStackItself } from '../deploy/stack-events.ts';
import { durationText, eventText, isFinal, statusColour } from './event-line.ts';
import { serviceLines } from './service-lines.ts';
import type { Terminal } from './terminal.ts';

interface Running {
  readonly text: string;
  /** Milliseconds since 1970, on the clock of whoever tells it. */
  readonly since: number;
}

const verbs = { create: 'creating', update: 'updating', delete: 'deleting' } as const;
const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;

/** What is over stays as a line; on a terminal, what goes on is shown below and redrawn. */
export class ProgressView {
  readonly #terminal: Terminal;
  readonly #isRollbackWanted: boolean;
  /** Stacks, resources and steps that are in progress, by a name of their own. */
  readonly #running = new Map<string, Running>();
  readonly #timer: NodeJS.Timeout | undefined;
  /** Of services that are being released, the lines about them. */
  readonly #services = new Map<string, readonly string[]>();
  #frame = 0;

  /** @param isRollbackWanted a stack that is rolled back has come to the end that was asked for */
  constructor(terminal: Terminal, { isRollbackWanted = false } = {}) {
    this.#terminal = terminal;
    this.#isRollbackWanted = isRollbackWanted;
    if (terminal.isLive) this.#timer = setInterval(() => this.#draw(), 120).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#terminal.show([]);
  }

  readonly report = (progress: Progress): void => {
    const { paint } = this.#painter;
    switch (progress.kind) {
      case 'note':
        return this.#terminal.print(progress.text);
      case 'warning':
        return this.#terminal.print(paint('yellow', `! ${progress.text}`));
      case 'step-started':
        return this.#start(`step ${progress.step}`, progress.text);
      case 'step-ended':
        return this.#end(`step ${progress.step}`, progress.text);
      case 'stack-started':
        return this.#start(`stack ${progress.stack}`, `${progress.stack}: ${verbs[progress.verb]}`);
      case 'stack-event':
        return this.#event(progress.stack, progress.event);
      case 'stack-ended':
        return this.#stackEnded(progress.stack, progress.status);
      case 'stack-unchanged':
        return this.#terminal.print(`${paint('green', '✔')} ${progress.stack}: no changes`);
      case 'service-state': {
        const lines = serviceLines(progress.service, progress.state, paint);
        this.#services.set(progress.service, lines);
        return;
      }
      case 'service-event':
        return this.#terminal.print(paint('dim', `    ${progress.text}`));
      case 'task-log':
        return this.#terminal.print(paint('dim', `    ${progress.text}`));
    }
  };

  get #painter(): Pick<Terminal, 'paint'> {
    return { paint: (colour, text) => this.#terminal.paint(colour, text) };
  }

  #start(name: string, text: string): void {
    this.#running.set(name, { text, since: Date.now() });
    if (!this.#terminal.isLive) this.#terminal.print(`… ${text}`);
    this.#draw();
  }

  #end(name: string, text: string): void {
    const took = this.#took(name);
    this.#terminal.print(`${this.#terminal.paint('green', '✔')} ${text}${took}`);
  }

  #event(stack: string, event: StackEvent): void {
    const status = event.ResourceStatus ?? '';
    if (isStackItself(event)) {
      // The end has a line of its own; what comes between, such as the start of a rollback, has not.
      if (/ROLLBACK_IN_PROGRESS/.test(status)) this.#terminal.print(this.#line(stack, event, ''));
      return;
    }
    const name = `${stack} ${event.LogicalResourceId}`;
    if (isFinal(status)) {
      this.#terminal.print(this.#line(stack, event, this.#took(name, timeOf(event))));
    } else if (!this.#running.has(name)) {
      this.#running.set(name, { text: `  ${eventText(event)}`, since: timeOf(event) });
    }
  }

  #line(stack: string, event: StackEvent, took: string): string {
    const status = event.ResourceStatus ?? '';
    const terminal = this.#terminal;
    const text = eventText(event);
    const rest = text.slice(status.length);
    return `  ${terminal.paint('dim', stack)}  ${terminal.paint(statusColour(status), status)}${rest}${terminal.paint('dim', took)}`;
  }

  #stackEnded(stack: string, status: string): void {
    this.#services.clear();
    for (const name of this.#running.keys()) if (name.startsWith(`${stack} `)) this.#running.delete(name);
    const isGood =
      statusColour(status) === 'green' || (this.#isRollbackWanted && status === 'UPDATE_ROLLBACK_COMPLETE');
    const mark = this.#terminal.paint(isGood ? 'green' : 'red', isGood ? '✔' : '✖');
    this.#terminal.print(`${mark} ${stack}: ${status}${this.#took(`stack ${stack}`)}`);
  }

  /** ` (1.2 s)`; the thing is no longer in progress. */
  #took(name: string, now = Date.now()): string {
    const running = this.#running.get(name);
    this.#running.delete(name);
    // What took no time needs no figure.
    if (running === undefined || now - running.since < 100) return '';
    return ` (${durationText(now - running.since)})`;
  }

  #draw(): void {
    if (!this.#terminal.isLive) return;
    this.#frame += 1;
    const mark = this.#terminal.paint('cyan', spinner[this.#frame % spinner.length] ?? '…');
    const lines = [...this.#running.values()].map(
      ({ text, since }) => `${mark} ${text} ${durationText(Math.max(0, Date.now() - since))}`,
    );
    // A terminal shows so many lines; what has waited longest is what one waits for.
    this.#terminal.show([...lines.slice(0, 12), ...[...this.#services.values()].flat().slice(0, 10)]);
  }
}

function timeOf({ Timestamp }: StackEvent): number {
  return Timestamp?.getTime() ?? Date.now();
}
