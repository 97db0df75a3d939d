// Prints failures whole, skipped tests with their reason, and one closing line `N passed, N failed`.
import { relative } from 'node:path';

export default async function* report(source) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of source) {
    if (type === 'test:stderr' || type === 'test:stdout') {
      if (process.env.PLIMSOLL_TEST_OUTPUT) yield data.message;
      continue;
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    // A suite counts only when it is skipped: then none of its tests is told.
    if (data.details?.type === 'suite' && data.skip === undefined) continue;
    const where = data.file ? relative(process.cwd(), data.file) : '';
    // A file is itself reported as a test; it counts only when it fails by itself.
    const isFile = data.name === data.file || data.name === where;
    if (type === 'test:fail') {
      if (isFile && data.details?.error?.failureType === 'subtestsFailed') continue;
      counts.failed += 1;
      const cause = data.details?.error?.cause ?? data.details?.error;
      yield `✖ ${where}: ${data.name}\n${indent(cause?.stack ?? String(cause))}\n`;
    } else if (data.skip !== undefined) {
      counts.skipped += 1;
      yield `- ${where}: ${data.name} (${data.skip === true || data.skip === '' ? 'skipped' : `skipped: ${data.skip}`})\n`;
    } else if (!isFile) {
      counts.passed += 1;
    }
  }
  yield `${counts.passed} passed, ${counts.failed} failed${counts.skipped ? `, ${counts.skipped} skipped` : ''}\n`;
}

function indent(text) {
  const shown = String(text);
  return (shown.length > 6000 ? `${shown.slice(0, 6000)} … (${shown.length} characters)` : shown).replace(
    /^/gm,
    '    ',
  );
}
