import { defineCommand } from '../command.ts';
import { definitionFlag } from '../common-flags.ts';
import { UserError } from '../errors.ts';
import { runInitGithub } from '../github/init-github.ts';

export const init = defineCommand({
  name: 'init',
  summary:
    'write the workflows that test, plan, approve and apply on GitHub Actions, and the roles they need',
  arguments: [{ name: 'github', text: 'what to write for' }],
  details: ['Writes under .github of the repository, and says what to do once in the account and at GitHub.'],
  flags: {
    repository: { type: 'string', value: 'OWNER/NAME', text: "on GitHub; else that of git's remote origin" },
    organization: { type: 'string', value: 'NAME', text: 'names the roles; else the owner' },
    install: {
      type: 'string',
      value: 'COMMAND',
      text: 'what installs plimsoll in the runner',
      default: 'npm ci',
    },
    'existing-provider': { type: 'boolean', text: 'the account has GitHub as OIDC provider already' },
    force: { type: 'boolean', text: 'overwrite files that differ' },
    definition: definitionFlag,
  },
  run(host, flags, what) {
    if (what === 'github') return runInitGithub(host, flags);
    throw new UserError(`plimsoll init: given '${what ?? ''}'; allowed: github`, 2);
  },
});
