/** A rehearsal as people read it. Pure. */
import type { PlanFile } from '../plan/plan-document.ts';
import type { Rehearsal, RehearsalLoad, RehearsalStep } from './rehearsal.ts';

export function stepLine({ name, seconds, ok, text }: RehearsalStep): string {
  return `${ok ? '✔' : '✖'} ${name} (${seconds} s): ${text}`;
}

/** What is told at the end, below the steps. */
export function endLines(rehearsal: Rehearsal): readonly string[] {
  const { alarms, notes, passed, planHash, seconds } = rehearsal;
  return [
    ...notes.map((note) => `  ${note}`),
    `  ${loadText(rehearsal.load)}`,
    ...alarms.map(({ name, reason }) => `  alarm ${name}: ${reason}`),
    `The rehearsal of plan ${planHash.slice(0, 12)} ${passed ? 'passed' : 'did not pass'}, after ${seconds} s.`,
  ];
}

function loadText({ rate, sent, failed, failures, p50, p99 }: RehearsalLoad): string {
  if (sent === 0) return 'No load was sent: there was nothing to send it to.';
  const kinds = Object.entries(failures).map(([kind, count]) => `${kind}: ${count}`);
  const which = kinds.length === 0 ? '' : ` (${kinds.join(', ')})`;
  return `${sent} requests at ${rate} per second, ${failed} failed${which}; latency p50 ${p50} ms, p99 ${p99} ms`;
}

/** For a pull request. */
export function rehearsalMarkdown(rehearsal: Rehearsal, plan: PlanFile): string {
  const { alarms, load, notes, passed, rolledBack, steps, planHash, startedAt, seconds } = rehearsal;
  const list = (title: string, items: readonly string[]): readonly string[] =>
    items.length === 0 ? [] : [`**${title}**`, '', ...items.map((item) => `- ${inline(item)}`), ''];
  return [
    `### Rehearsal for ${plan.service} (${plan.environment}): ${passed ? '✅ passed' : '❌ did not pass'}`,
    '',
    loadText(load),
    '',
    '| step | | seconds | |',
    '|---|---|---|---|',
    ...steps.map(
      (step) => `| ${step.name} | ${step.ok ? '✔' : '✖'} | ${step.seconds} | ${inline(step.text)} |`,
    ),
    '',
    ...list(
      'Rolled back',
      rolledBack.map(({ step, stack, reason }) => `${step}, ${stack}: ${reason}`),
    ),
    ...list(
      'Alarms that fired',
      alarms.map(({ name, at, reason }) => `${name} at ${at}: ${reason}`),
    ),
    ...list('Other than in reality', notes),
    `Plan \`${planHash}\`, begun ${startedAt}, ${seconds} s.`,
    '',
  ].join('\n');
}

/** One line, which no table's cell takes for its end. */
function inline(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, '<br>');
}
