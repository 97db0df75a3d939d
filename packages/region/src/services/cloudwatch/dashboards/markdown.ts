import { escapeHtml } from '../widgets/svg.ts';

/** The Markdown that text widgets mostly hold: headings, lists, code, bold, links. All else is shown as it is. */
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
  return `<p>${lines.map(inline).join('<br>')}</p>`;
}

function inline(text: string): string {
  return escapeHtml(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replace(/\[([^\]]+)\]\((https?:\/\/[^)\s]+)\)/g, '<a href="$2" rel="noreferrer">$1</a>');
}
