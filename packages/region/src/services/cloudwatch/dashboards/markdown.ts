import { escapeHtml } from '../widgets/svg.ts';

/** The Markdown that text widgets mostly hold: headings, lists, tables, code, bold, links. All else is shown as it is. */
export function htmlOfMarkdown(markdown: string): string {
  return markdown
    .split(/\n{2,}|\n(?=#)|(?<=^#.*)\n/m)
    .map((block) => blockOf(block.trim()))
    .join('');
}

function blockOf(block: string): string {
  if (block === '') return '';
  const [, marks, heading] = /^(#{1,6})\s+(.*)$/.exec(block) ?? [];
  if (marks !== undefined && heading !== undefined) {
    const level = Math.min(6, marks.length + 1);
    return `<h${level}>${inline(heading)}</h${level}>`;
  }
  const lines = block.split('\n');
  if (lines.every((line) => /^\s*[-*]\s+/.test(line)))
    return `<ul>${lines.map((line) => `<li>${inline(line.replace(/^\s*[-*]\s+/, ''))}</li>`).join('')}</ul>`;
  if (lines.length > 1 && lines.every((line) => line.trim().startsWith('|')) && isRule(lines[1]))
    return tableOf(lines);
  return `<p>${lines.map(inline).join('<br>')}</p>`;
}

/** `|---|:--:|`: what makes the line above it a table's head. */
function isRule(line = ''): boolean {
  return /^\s*\|(\s*:?-+:?\s*\|)+\s*$/.test(line);
}

function tableOf([head = '', , ...body]: readonly string[]): string {
  const row = (line: string, cell: string): string => {
    const cells = line
      .trim()
      .replace(/^\||\|$/g, '')
      .split('|');
    return `<tr>${cells.map((text) => `<${cell}>${inline(text.trim())}</${cell}>`).join('')}</tr>`;
  };
  return `<table>${row(head, 'th')}${body.map((line) => row(line, 'td')).join('')}</table>`;
}

function inline(text: string): string {
  return escapeHtml(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replace(/\[([^\]]+)\]\((https?:\/\/[^)\s]+)\)/g, '<a href="$2" rel="noreferrer">$1</a>');
}
